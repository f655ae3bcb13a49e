package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.TuneConfig;
import java.util.List;

/**
 * Learn from selections.
 *
 * @param parent the version to start from and to compare with
 * @param pairs every selection up to now, oldest first
 */
public record TuneRequest(PreferenceVersion parent, List<PreferencePair> pairs, TuneConfig config)
        implements StageRequest {
    public TuneRequest {
        pairs = List.copyOf(pairs);
    }

    @Override
    public StageName stage() {
        return StageName.TUNE;
    }
}
