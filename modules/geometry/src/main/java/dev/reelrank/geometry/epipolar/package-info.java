/**
 * Whether a moving camera sees a rigid world, by the geometry of two views: points of a rigid scene
 * lie on epipolar lines. Needs no network, so it works on any video.
 *
 * <p>{@link dev.reelrank.geometry.epipolar.EpipolarSampson} is the entry. Depends on {@code
 * pipeline}, {@code ranking}, {@code video} and OpenCV; it does not depend on Kafka.
 */
@NullMarked
package dev.reelrank.geometry.epipolar;

import org.jspecify.annotations.NullMarked;
