/** Evaluations of the videos of runs: asking for them, waiting, and reading what is there. */
@NullMarked
package dev.reelrank.client.evaluation;

import org.jspecify.annotations.NullMarked;
