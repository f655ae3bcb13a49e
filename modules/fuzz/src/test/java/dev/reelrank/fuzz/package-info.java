/** Fuzzing of everything that reads bytes from outside. Nothing depends on this package. */
@NullMarked
package dev.reelrank.fuzz;

import org.jspecify.annotations.NullMarked;
