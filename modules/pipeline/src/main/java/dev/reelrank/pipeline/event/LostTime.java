package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.StageName;

/**
 * Time that devices worked on a sample without a result: attempts that failed, or that ended before
 * they were done. What a killed worker computed is not known.
 *
 * @param deviceKind as in {@link Computation}
 * @param attempts that took time, at least 1
 * @param millis of all of them, without loading
 */
public record LostTime(StageName stage, String deviceKind, int attempts, long millis) {}
