package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Training and held-out pairs, split by sample and never by pair: two pairs of one sample show the
 * same prompt and reference, so one of them would give the other away.
 *
 * @param training pairs to learn from
 * @param heldOut pairs to judge by; no sample of theirs is in training
 */
public record HeldOut(List<VideoPair> training, List<VideoPair> heldOut) {
    public HeldOut {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
    }

    /**
     * Splits by a hash of seed and sample id: equal inputs give equal splits on every machine, and
     * a sample keeps its side when the seed stays and few samples are added.
     *
     * @param share of the samples that are held out, 0 to below 1; above 0 at least one sample is
     *     held out and at least one is trained on
     * @throws StageException INVALID_CONFIG for a share out of range, or if samples are to be held
     *     out and there are fewer than two
     */
    public static HeldOut split(List<VideoPair> pairs, double share, long seed) {
        if (!(share >= 0 && share < 1)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the held-out share is %s; it must be at least 0 and below 1".formatted(share));
        }
        if (share == 0) {
            return new HeldOut(pairs, List.of());
        }
        List<String> samples =
                pairs.stream()
                        .map(VideoPair::sampleId)
                        .distinct()
                        .sorted(
                                Comparator.comparing((String s) -> Sha256.of(seed + "/" + s))
                                        .thenComparing(s -> s))
                        .toList();
        if (samples.size() < 2) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    ("the pairs come from %d sample(s); a training that is judged on held-out samples"
                                    + " needs at least 2. Add pairs of other samples, or hold out nothing"
                                    + " (align.heldOut=0)")
                            .formatted(samples.size()));
        }
        int count =
                Math.min(samples.size() - 1, Math.max(1, (int) Math.round(share * samples.size())));
        Set<String> held = new HashSet<>(samples.subList(0, count));
        var sides =
                pairs.stream().collect(Collectors.partitioningBy(p -> held.contains(p.sampleId())));
        return new HeldOut(
                Objects.requireNonNull(sides.get(false)), Objects.requireNonNull(sides.get(true)));
    }
}
