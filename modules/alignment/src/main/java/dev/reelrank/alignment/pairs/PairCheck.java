package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds what would spoil a training: missing blobs, sides that do not fit each other, values that
 * are not finite, a winner that equals its loser, duplicates, contradictions, and samples that
 * stand both in training and in the held-out pairs.
 */
public final class PairCheck {
    private final Predicate<BlobRef> stored;
    private final Inspector inspector;

    /** Opens a side and says what is in it. */
    public interface Inspector {
        /**
         * Reads a side to its end.
         *
         * @throws StageException UNREADABLE_VIDEO if it cannot be read
         */
        Content inspect(PairVideo side);
    }

    /**
     * What a side holds.
     *
     * @param shape for a video width, height and frames; for latents channels, frames, height and
     *     width
     * @param finite whether every value is a finite number
     */
    public record Content(List<Long> shape, boolean finite) {
        public Content {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Something that is wrong.
     *
     * @param number of the pair in the list, from 1
     * @param pairId the pair's id
     * @param message what is wrong and, where it can be mended, how
     */
    public record Problem(int number, String pairId, String message) {
        @Override
        public String toString() {
            return "pair %d (%s): %s".formatted(number, pairId, message);
        }
    }

    /**
     * @param stored whether the result store holds a blob
     */
    public PairCheck(Predicate<BlobRef> stored, Inspector inspector) {
        this.stored = stored;
        this.inspector = inspector;
    }

    /**
     * Checks every pair.
     *
     * @param heldOut pairs that a training on {@code pairs} will be judged by, may be empty
     * @return the problems in the order of the pairs; empty when a training may start
     */
    public List<Problem> check(List<VideoPair> pairs, List<VideoPair> heldOut) {
        return check(pairs, heldOut, this::content);
    }

    /** The same without a look at what the blobs hold. */
    public static List<Problem> consistency(List<VideoPair> pairs, List<VideoPair> heldOut) {
        return check(pairs, heldOut, (pair, number, problems) -> {});
    }

    /**
     * A training in the losers' own noise needs pairs that say which it was.
     *
     * @param code of the error
     * @throws StageException if no pair knows the seed of its loser
     */
    public static void requireSeeds(List<VideoPair> pairs, FailureCode code) {
        if (pairs.stream().allMatch(pair -> pair.loser().seed() == null)) {
            throw new StageException(
                    code,
                    "align.ownNoise is above 0, but no pair says which seed its loser was generated from: draw pairs of candidates, by ranking, selections or metric:NAME, or set align.ownNoise to 0");
        }
    }

    /** Looks at what the blobs of a pair hold. */
    private interface Look {
        void at(VideoPair pair, int number, List<Problem> problems);
    }

    private static List<Problem> check(List<VideoPair> pairs, List<VideoPair> heldOut, Look look) {
        var problems = new ArrayList<Problem>();
        Map<String, Integer> seen = new HashMap<>();
        Map<String, Integer> verdicts = new HashMap<>();
        Set<String> judged = new HashSet<>();
        heldOut.forEach(pair -> judged.add(pair.sampleId()));
        for (int i = 0; i < pairs.size(); i++) {
            VideoPair pair = pairs.get(i);
            int number = i + 1;
            Integer first = seen.putIfAbsent(pair.id(), number);
            if (first != null) {
                problems.add(new Problem(number, pair.id(), "it is a duplicate of pair " + first));
            }
            if (same(pair)) {
                problems.add(new Problem(number, pair.id(), "the winner equals its loser"));
                continue;
            }
            verdicts.put(verdict(pair, pair.winner(), pair.loser()), number);
            Integer opposite = verdicts.get(verdict(pair, pair.loser(), pair.winner()));
            if (opposite != null) {
                problems.add(
                        new Problem(
                                number,
                                pair.id(),
                                "it contradicts pair " + opposite + "; keep one of the two"));
            }
            if (judged.contains(pair.sampleId())) {
                problems.add(
                        new Problem(
                                number,
                                pair.id(),
                                "sample "
                                        + pair.sampleId()
                                        + " stands in the held-out pairs too; split by sample"));
            }
            look.at(pair, number, problems);
        }
        return List.copyOf(problems);
    }

    private void content(VideoPair pair, int number, List<Problem> problems) {
        BlobRef image = pair.image();
        if (image != null && !stored.test(image)) {
            problems.add(missing(pair, number, "reference image", image));
        }
        Content winner = inspect(pair, number, "winner", pair.winner(), problems);
        Content loser = inspect(pair, number, "loser", pair.loser(), problems);
        if (winner == null || loser == null) {
            return;
        }
        if (pair.winner().form() != pair.loser().form()) {
            problems.add(
                    new Problem(
                            number,
                            pair.id(),
                            "one side is a video and the other is latents; both must be of the same kind"));
        } else if (!winner.shape().equals(loser.shape())) {
            problems.add(
                    new Problem(
                            number,
                            pair.id(),
                            "the winner's shape is %s, the loser's %s"
                                    .formatted(winner.shape(), loser.shape())));
        }
    }

    private @Nullable Content inspect(
            VideoPair pair, int number, String side, PairVideo video, List<Problem> problems) {
        if (!stored.test(video.blob())) {
            problems.add(missing(pair, number, side, video.blob()));
            return null;
        }
        try {
            Content content = inspector.inspect(video);
            if (!content.finite()) {
                problems.add(
                        new Problem(number, pair.id(), "the " + side + " holds NaN or infinity"));
            }
            return content;
        } catch (StageException e) {
            problems.add(
                    new Problem(
                            number,
                            pair.id(),
                            "the %s cannot be read: %s".formatted(side, e.getMessage())));
            return null;
        }
    }

    private static Problem missing(VideoPair pair, int number, String what, BlobRef blob) {
        return new Problem(
                number,
                pair.id(),
                "the %s is not in the result store (%s); make the pair again from its run"
                        .formatted(what, blob.sha256()));
    }

    private static boolean same(VideoPair pair) {
        return pair.winner().blob().sha256().equals(pair.loser().blob().sha256());
    }

    private static String verdict(VideoPair pair, PairVideo winner, PairVideo loser) {
        return VideoPair.idOf(pair.prompt(), pair.image(), winner, loser);
    }
}
