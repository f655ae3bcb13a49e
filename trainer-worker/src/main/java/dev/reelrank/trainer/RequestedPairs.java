package dev.reelrank.trainer;

import dev.reelrank.alignment.pairs.HeldOut;
import dev.reelrank.alignment.pairs.PairCheck;
import dev.reelrank.alignment.pairs.PairFile;
import dev.reelrank.alignment.pairs.PairVideo;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pairs of a request, checked and split.
 *
 * @param all in the order of the request
 * @param split into those to learn from and those to judge by
 */
record RequestedPairs(List<VideoPair> all, HeldOut split) {
    static final String MEDIA_TYPE = "application/x-ndjson";

    /** More would not be read; the first ones show the kind of problem. */
    private static final int SHOWN = 5;

    RequestedPairs {
        all = List.copyOf(all);
    }

    /**
     * @param family of the generator that is trained; null where videos of any generator teach
     * @throws StageException INVALID_SAMPLE for pairs that cannot be learned from, MODEL_MISMATCH
     *     for those of another family, INPUT_LOST
     */
    static RequestedPairs of(
            AlignRequest request, @Nullable String family, ResultStore store, Path scratch) {
        var all =
                request.pairs() == null
                        ? request.drawn().stream().map(RequestedPairs::pair).toList()
                        : PairFile.read(store.fetch(request.pairs(), scratch));
        if (all.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, "there is no pair to train on: make pairs first");
        }
        for (int i = 0; i < all.size(); i++) {
            var pair = all.get(i);
            if (family != null && !pair.family().isEmpty() && !pair.family().equals(family)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "pair %d (%s) was made by a generator of family %s, but one of family %s is trained"
                                .formatted(i + 1, pair.id(), pair.family(), family));
            }
        }
        var split = HeldOut.split(all, request.config().heldOut(), request.config().seed());
        var problems = PairCheck.consistency(all, List.of());
        if (!problems.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "%d of the %d pairs cannot be learned from: %s"
                            .formatted(
                                    problems.size(),
                                    all.size(),
                                    String.join(
                                            "; ",
                                            problems.stream()
                                                    .limit(SHOWN)
                                                    .map(PairCheck.Problem::toString)
                                                    .toList())));
        }
        if (request.config().ownNoiseShare() > 0) {
            PairCheck.requireSeeds(split.training(), FailureCode.INVALID_SAMPLE);
        }
        return new RequestedPairs(all, split);
    }

    private static VideoPair pair(PairFacts facts) {
        return new VideoPair(
                facts.id(),
                facts.source(),
                facts.sampleId(),
                facts.prompt(),
                facts.configuration().negativePrompt(),
                facts.image(),
                PairVideo.video(facts.winner()),
                PairVideo.video(facts.loser()).withSeed(facts.loserSeed()),
                facts.margin(),
                facts.family(),
                facts.baseFingerprint(),
                facts.configuration());
    }

    /** The pairs as a blob. */
    BlobRef stored(AlignRequest request, ResultStore store) {
        return request.pairs() != null
                ? request.pairs()
                : store.putBlob(PairFile.text(all).getBytes(StandardCharsets.UTF_8), MEDIA_TYPE);
    }
}
