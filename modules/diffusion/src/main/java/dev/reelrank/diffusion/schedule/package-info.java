/** Schedulers: they turn noise into a sample in a fixed number of steps. */
@NullMarked
package dev.reelrank.diffusion.schedule;

import org.jspecify.annotations.NullMarked;
