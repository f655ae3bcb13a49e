package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.NotInKey;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.AlignConfig;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Train an adapter on preference pairs.
 *
 * @param name of the adapter
 * @param family of the generator that the pairs are for
 * @param baseFingerprint of the generator's files, without LoRAs; empty: whichever the worker has
 * @param parent the adapter that the training goes on from; null to begin anew
 * @param pairs JSON Lines of pairs; null when they stand in {@code drawn}
 * @param media the videos, latents and images that the pairs name
 * @param drawn the pairs themselves, when flow drew them from facts
 * @param config how to train
 * @param parentFamily of the models that the parent changes; null if unknown, and without one
 */
public record AlignRequest(
        @NotInKey String name,
        String family,
        String baseFingerprint,
        @Nullable AdapterRef parent,
        @Nullable BlobRef pairs,
        @NotInKey List<BlobRef> media,
        List<PairFacts> drawn,
        AlignConfig config,
        @NotInKey @Nullable String parentFamily)
        implements StageRequest {
    public AlignRequest {
        media = List.copyOf(media);
        drawn = List.copyOf(drawn);
    }

    /** Without a parent, or with one whose family is not known. */
    public AlignRequest(
            String name,
            String family,
            String baseFingerprint,
            @Nullable AdapterRef parent,
            @Nullable BlobRef pairs,
            List<BlobRef> media,
            List<PairFacts> drawn,
            AlignConfig config) {
        this(name, family, baseFingerprint, parent, pairs, media, drawn, config, null);
    }

    @Override
    public StageName stage() {
        return StageName.ALIGN;
    }

    @Override
    public List<InputBlob> blobs() {
        var all = new LinkedHashSet<BlobRef>();
        if (pairs != null) {
            all.add(pairs);
        }
        all.addAll(media);
        for (var pair : drawn) {
            if (pair.image() != null) {
                all.add(pair.image());
            }
            all.add(pair.winner());
            all.add(pair.loser());
        }
        if (parent != null) {
            all.addAll(parent.files().values());
        }
        if (config.loras() != null) {
            config.loras().forEach(lora -> all.addAll(lora.files().values()));
        }
        return all.stream().map(InputBlob::given).toList();
    }
}
