/** The linear preference model against the vision-language model, on simulated selections. */
@NullMarked
package dev.reelrank.bench.judge;

import org.jspecify.annotations.NullMarked;
