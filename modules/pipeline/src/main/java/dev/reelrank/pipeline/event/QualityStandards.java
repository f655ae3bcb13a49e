package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.PreferenceVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What has been learned from selections so far; compacted under one key.
 *
 * @param preference the version in force
 * @param patterns see {@link dev.reelrank.pipeline.stage.TuneResult#patterns}
 * @param confidence 0..1
 * @param lossTrend last loss of each training, oldest first
 * @param selections how many were learned from
 */
public record QualityStandards(
        PreferenceVersion preference,
        Map<String, Double> patterns,
        double confidence,
        List<Double> lossTrend,
        int selections,
        Instant at)
        implements Event {
    public QualityStandards {
        patterns = Map.copyOf(patterns);
        lossTrend = List.copyOf(lossTrend);
    }
}
