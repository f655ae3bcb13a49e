/** Blind votes: drawing pairs, taking answers, and the statistics over them. */
@NullMarked
package dev.reelrank.console.arena;

import org.jspecify.annotations.NullMarked;
