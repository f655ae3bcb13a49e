package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The latest word on a version of an adapter. Written by flow alone; compacted by name and version.
 *
 * @param adapter name, version and files
 * @param family of the generator that it changes
 * @param baseFingerprint of the generator's files that it was trained on; empty if unknown, as of
 *     an imported file
 * @param configuration how it was trained, null for an imported one
 * @param parent the version that its training went on from, null if none
 * @param pairs JSON Lines of the pairs, null for an imported one
 * @param figures of the training, by name
 * @param curves pictures by name
 * @param events a TensorBoard event file, null for an imported one
 * @param state what it is good for
 * @param reason of the state, in a sentence
 * @param report of the comparison with the base, null without one
 */
public record AdapterUpdated(
        AdapterRef adapter,
        String family,
        String baseFingerprint,
        @Nullable AlignConfig configuration,
        @Nullable String parent,
        @Nullable BlobRef pairs,
        Map<String, Double> figures,
        Map<String, BlobRef> curves,
        @Nullable BlobRef events,
        AdapterState state,
        String reason,
        @Nullable BlobRef report,
        Instant at)
        implements Event {
    public AdapterUpdated {
        figures = Collections.unmodifiableMap(new TreeMap<>(figures));
        curves = Collections.unmodifiableMap(new TreeMap<>(curves));
    }

    /** The same with another state. */
    public AdapterUpdated with(
            AdapterState other, String why, @Nullable BlobRef compared, Instant when) {
        return new AdapterUpdated(
                adapter,
                family,
                baseFingerprint,
                configuration,
                parent,
                pairs,
                figures,
                curves,
                events,
                other,
                why,
                compared == null ? report : compared,
                when);
    }
}
