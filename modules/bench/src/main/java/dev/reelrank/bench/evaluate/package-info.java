/** What the metrics of an evaluation see, and how long an evaluation takes. */
@NullMarked
package dev.reelrank.bench.evaluate;

import org.jspecify.annotations.NullMarked;
