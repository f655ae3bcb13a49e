package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A preference pair: two videos of one prompt, of which one is better. It is complete in itself, so
 * that a trainer needs no run and no topic.
 *
 * @param id 32 hex digits over what is compared ({@link #idOf}); equal pairs of two runs share it,
 *     so that no pair is learned twice
 * @param source the {@link PairSource#id} it comes from
 * @param sampleId the sample it was made of; training and held-out pairs are split by it
 * @param prompt the <em>written</em> prompt, which the generator got
 * @param negativePrompt may be empty
 * @param image the reference image, null for text-to-video
 * @param winner the better video
 * @param loser the worse one, never the same bytes as the winner
 * @param margin by how much the winner is better, in the unit of the source, at least 0
 * @param family the generator family, for example {@code wan}; empty if the videos are recordings
 * @param baseFingerprint of the generator's files when it made the videos; empty if unknown
 * @param configuration how the videos were generated, null if unknown
 */
public record VideoPair(
        String id,
        String source,
        String sampleId,
        String prompt,
        String negativePrompt,
        @Nullable BlobRef image,
        PairVideo winner,
        PairVideo loser,
        double margin,
        String family,
        String baseFingerprint,
        @Nullable CandidateConfig configuration) {
    public VideoPair {
        require(!id.isBlank(), "id", id, "not empty");
        require(!source.isBlank(), "source", source, "the id of a source");
        Ids.requireSampleId(sampleId);
        require(!prompt.isBlank(), "prompt", prompt, "not empty");
        Objects.requireNonNull(negativePrompt, "negativePrompt is null");
        Objects.requireNonNull(winner, "winner is null");
        Objects.requireNonNull(loser, "loser is null");
        require(
                Double.isFinite(margin) && margin >= 0,
                "margin",
                Double.toString(margin),
                "a number of at least 0");
        Objects.requireNonNull(family, "family is null");
        Objects.requireNonNull(baseFingerprint, "baseFingerprint is null");
    }

    /**
     * The id of a comparison: prompt, reference and both videos by content. The source and the run
     * are not in it.
     */
    public static String idOf(
            String prompt, @Nullable BlobRef image, PairVideo winner, PairVideo loser) {
        // The prompt's length stands first, so that no prompt can imitate what follows it.
        return Sha256.of(
                        prompt.length()
                                + ":"
                                + prompt
                                + "|"
                                + (image == null ? "" : image.sha256())
                                + "|"
                                + winner.blob().sha256()
                                + "|"
                                + loser.blob().sha256())
                .substring(0, 32);
    }

    /** The same without the seeds of its sides: all that a training in drawn noise looks at. */
    public VideoPair withoutSeeds() {
        return new VideoPair(
                id,
                source,
                sampleId,
                prompt,
                negativePrompt,
                image,
                winner.withSeed(null),
                loser.withSeed(null),
                margin,
                family,
                baseFingerprint,
                configuration);
    }

    private static void require(boolean ok, String key, String value, String rule) {
        if (!ok) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "a preference pair's %s is '%s'; it must be %s".formatted(key, value, rule));
        }
    }
}
