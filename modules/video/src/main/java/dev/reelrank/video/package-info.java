/**
 * Reading and writing images and videos: JavaCV for H.264 and H.265, the JDK's ImageIO for PNG,
 * JPEG and WebP, OpenCV for optical flow.
 *
 * <p>Everything that handles pixels may depend on this package. It depends on {@code
 * dev.reelrank.pipeline}, but not on a model, Kafka or Avro. Native frames never leave it: callers
 * see {@link dev.reelrank.pipeline.RgbImage}.
 */
@NullMarked
package dev.reelrank.video;

import org.jspecify.annotations.NullMarked;
