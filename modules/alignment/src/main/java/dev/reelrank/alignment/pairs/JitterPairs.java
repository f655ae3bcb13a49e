package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;

/**
 * Video-DPO's pairs: the winner is a candidate as it is, the loser is the same candidate spoilt in
 * time. One pair per candidate. The margin is the jitter's strength.
 */
public final class JitterPairs implements PairSource {
    private final String method;
    private final double strength;
    private final Spoiler spoiler;

    /** Makes the loser of a pair. */
    public interface Spoiler {
        /**
         * A spoilt copy of a candidate, in the result store.
         *
         * @param sample the candidate's sample: its prompt and reference
         * @param winner stays as it is
         * @param seed differs between the candidates of a sample
         */
        BlobRef spoil(JudgedSample sample, BlobRef winner, long seed);
    }

    /**
     * @param method {@code noise} or {@code img2img}; stands in the source's id
     * @param strength of the jitter, above 0 and at most 1
     */
    public JitterPairs(String method, double strength, Spoiler spoiler) {
        this.method = method;
        this.strength = strength;
        this.spoiler = spoiler;
    }

    @Override
    public String id() {
        return "jitter:" + method;
    }

    @Override
    public Drawn draw(JudgedSample sample) {
        if (sample.videos().isEmpty()) {
            return Drawn.skip("the sample has no candidate");
        }
        var pairs =
                sample.videos().stream()
                        .map(
                                winner ->
                                        sample.pair(
                                                id(),
                                                PairVideo.video(winner.video()),
                                                PairVideo.video(
                                                        spoiler.spoil(
                                                                sample,
                                                                winner.video(),
                                                                winner.seed())),
                                                strength))
                        .toList();
        return new Drawn(pairs, java.util.List.of());
    }
}
