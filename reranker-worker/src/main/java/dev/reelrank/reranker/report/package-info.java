/**
 * What a ranking saw and decided, as records: per run of the stage, per candidate, per frame. The
 * stage fills them; pictures, JSON and the benchmarks read them. They depend only on {@code
 * pipeline}, {@code ranking} and {@code video}.
 */
@NullMarked
package dev.reelrank.reranker.report;

import org.jspecify.annotations.NullMarked;
