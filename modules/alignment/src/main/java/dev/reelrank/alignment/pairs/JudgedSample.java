package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the facts of a run say about one sample, as far as pairs are made of it.
 *
 * @param runId where the candidates were generated
 * @param sampleId of the sample
 * @param prompt the written prompt
 * @param image the reference image, null for text-to-video
 * @param family the generator family of the candidates
 * @param baseFingerprint of the generator's files; every candidate was made with it
 * @param configuration of the candidates
 * @param videos the candidates that exist, in the order of their seeds
 * @param preferences what people chose, oldest first
 */
public record JudgedSample(
        String runId,
        String sampleId,
        String prompt,
        @Nullable BlobRef image,
        String family,
        String baseFingerprint,
        CandidateConfig configuration,
        List<JudgedVideo> videos,
        List<Preference> preferences) {
    public JudgedSample {
        Objects.requireNonNull(configuration, "configuration is null");
        videos = List.copyOf(videos);
        preferences = List.copyOf(preferences);
    }

    /** The candidate of a seed, if it exists. */
    public Optional<JudgedVideo> video(long seed) {
        return videos.stream().filter(v -> v.seed() == seed).findFirst();
    }

    /** A pair of this sample, with everything that both sides share filled in. */
    VideoPair pair(String source, PairVideo winner, PairVideo loser, double margin) {
        VideoPair pair = made(source, winner, loser, margin);
        // What is no candidate of a known generator has a number, not the seed of any noise.
        return family.isEmpty() ? pair.withoutSeeds() : pair;
    }

    private VideoPair made(String source, PairVideo winner, PairVideo loser, double margin) {
        return new VideoPair(
                VideoPair.idOf(prompt, image, winner, loser),
                source,
                sampleId,
                prompt,
                configuration.negativePrompt(),
                image,
                winner,
                loser,
                margin,
                family,
                baseFingerprint,
                configuration.withSeed(0));
    }
}
