/**
 * A run: its samples, how many are done, and whether it is complete. Pure; depends only on {@code
 * pipeline}.
 */
@NullMarked
package dev.reelrank.flow.run;

import org.jspecify.annotations.NullMarked;
