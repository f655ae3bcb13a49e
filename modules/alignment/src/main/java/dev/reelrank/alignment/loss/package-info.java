/**
 * The losses of preference training, as arithmetic on four errors: how far the trained network and
 * its reference miss the target on the preferred and on the rejected video.
 *
 * <p>Pure: depends on no engine, no file and no bus.
 */
@NullMarked
package dev.reelrank.alignment.loss;

import org.jspecify.annotations.NullMarked;
