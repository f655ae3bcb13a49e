package dev.reelrank.flow.json;

import dev.reelrank.pipeline.config.RunConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * What JSON submissions need from outside.
 *
 * @param configurations reads presets and keys as the command line does
 * @param store where pictures go that stand in a submission; null if this flow has none
 */
public record JsonSources(Configurations configurations, @Nullable ImageStore store) {
    /** Reads the configuration of a run. */
    @FunctionalInterface
    public interface Configurations {
        /**
         * The configuration of a preset with some keys set.
         *
         * @param preset null for the defaults
         * @param keys a JSON object with sections and keys, {@code {}} for none
         * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG, naming what is wrong
         */
        RunConfiguration read(@Nullable String preset, String keys);
    }
}
