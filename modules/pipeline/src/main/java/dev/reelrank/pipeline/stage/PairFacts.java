package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.config.CandidateConfig;
import org.jspecify.annotations.Nullable;

/**
 * A preference pair as flow finds it in facts.
 *
 * @param source what preferred the winner: {@code ranking} or {@code selections}
 * @param sampleId of the sample
 * @param prompt the written prompt
 * @param image the reference image; null for text-to-video
 * @param winner the better video
 * @param loser the other one
 * @param margin by how much, at least 0
 * @param family of the generator
 * @param baseFingerprint of the generator's files
 * @param configuration of the candidates
 * @param loserSeed of the noise that the other video was generated from; null where that is not
 *     known
 */
public record PairFacts(
        String source,
        String sampleId,
        String prompt,
        @Nullable BlobRef image,
        BlobRef winner,
        BlobRef loser,
        double margin,
        String family,
        String baseFingerprint,
        CandidateConfig configuration,
        @InKeyWhenSet @Nullable Long loserSeed) {
    /**
     * Equal for equal comparisons, whatever the source: no pair is learned twice. 32 hex digits.
     */
    public String id() {
        // As the pairs of a file are named; the prompt's length stands first, so that no prompt can
        // imitate what follows it.
        return Sha256.of(
                        prompt.length()
                                + ":"
                                + prompt
                                + "|"
                                + (image == null ? "" : image.sha256())
                                + "|"
                                + winner.sha256()
                                + "|"
                                + loser.sha256())
                .substring(0, 32);
    }
}
