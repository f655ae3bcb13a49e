/** Blind votes: draws pairs, records answers, and computes statistics of them. */
@NullMarked
package dev.reelrank.console.arena;

import org.jspecify.annotations.NullMarked;
