package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.AlignConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A trained adapter.
 *
 * @param family of the generator
 * @param baseFingerprint of the generator's files, without LoRAs
 * @param files by the network that each belongs to, in the format of diffusers
 * @param config as it was trained
 * @param parent the adapter that the training went on from, null if none
 * @param pairs JSON Lines of all pairs, those of the held-out samples too
 * @param trained how many pairs it learned from
 * @param heldOut how many pairs were held out
 * @param steps of the optimizer
 * @param figures by name: loss, accuracy, margin and others, means over the last tenth of the steps
 * @param curves pictures by name: loss, rewards, accuracy
 * @param events a TensorBoard event file
 * @param checkpoints where the states of the training lie in the store, for people
 * @param verdict what the comparison with the base found
 * @param reason in a sentence
 * @param report of the comparison; null without one
 */
public record AlignResult(
        String family,
        String baseFingerprint,
        Map<String, BlobRef> files,
        AlignConfig config,
        @Nullable AdapterRef parent,
        BlobRef pairs,
        int trained,
        int heldOut,
        int steps,
        Map<String, Double> figures,
        Map<String, BlobRef> curves,
        BlobRef events,
        String checkpoints,
        AdapterState verdict,
        String reason,
        @Nullable BlobRef report)
        implements StageResult {
    public AlignResult {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
        figures = Collections.unmodifiableMap(new TreeMap<>(figures));
        curves = Collections.unmodifiableMap(new TreeMap<>(curves));
    }

    @Override
    public List<BlobRef> blobs() {
        var all = new ArrayList<>(files.values());
        all.add(pairs);
        all.addAll(curves.values());
        all.add(events);
        if (report != null) {
            all.add(report);
        }
        return List.copyOf(all);
    }
}
