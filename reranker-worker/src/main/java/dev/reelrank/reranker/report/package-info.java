/**
 * What a ranking saw and decided, as records: per run of the stage, per candidate, per frame. The
 * stage fills them; pictures, JSON and the benchmarks read them. They know {@code pipeline}, {@code
 * ranking} and {@code video} only.
 */
@NullMarked
package dev.reelrank.reranker.report;

import org.jspecify.annotations.NullMarked;
