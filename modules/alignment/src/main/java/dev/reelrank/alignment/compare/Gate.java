package dev.reelrank.alignment.compare;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Decides whether an adapter replaces its base: the target must improve on at least {@value
 * #LEAST_SAMPLES} held-out samples, with the 95 % interval of its difference clear of zero, and no
 * guard may get worse by more than its tolerance.
 *
 * @param target the metric that the training was for
 * @param higherIsBetter its direction
 * @param guards in the order in which they are reported; motion comes first where steadiness is the
 *     target
 */
public record Gate(String target, boolean higherIsBetter, List<Guard> guards) {
    /**
     * Samples that the target must have been compared on. A bootstrap cannot draw what it has not
     * seen: over one sample its interval has no width. Chance alone makes six samples change the
     * same way in 1 of 32 cases (sign test, two-sided), five in 1 of 16: six are the fewest that
     * can speak for a change at 95 %.
     */
    public static final int LEAST_SAMPLES = 6;

    public Gate {
        guards = List.copyOf(guards);
    }

    /** Steadier, and at least 95 % of the motion. */
    public static Gate steadiness() {
        return new Gate(ClipMetrics.WARPING_ERROR, false, List.of(Guard.motion(0.05)));
    }

    /**
     * Judges a comparison.
     *
     * @throws StageException INVALID_CONFIG when the target or a guard was not measured: an
     *     unmeasured guard guards nothing
     */
    public Verdict judge(Comparison comparison) {
        var problems = new ArrayList<String>();
        for (Guard guard : guards) {
            MetricChange change = change(comparison, guard.metric());
            double loss = guard.loss(change);
            if (!(loss <= guard.tolerance())) {
                problems.add(lost(guard, change, loss));
            }
        }
        MetricChange change = change(comparison, target);
        if (change.samples() < LEAST_SAMPLES) {
            problems.add(tooFew(change.samples()));
        }
        Interval difference = change.difference();
        boolean better = higherIsBetter ? difference.above() : difference.below();
        if (!better) {
            problems.add(notBetter(change));
        }
        return problems.isEmpty()
                ? new Verdict(true, List.of(gained(change, comparison)))
                : new Verdict(false, problems);
    }

    /** What is wrong with so few held-out samples, and what to do about it. */
    public static String tooFew(int samples) {
        return "%d held-out sample%s cannot show that an adapter is better; at least %d must be compared: add pairs of other samples, or raise align.heldOut and align.compareSamples."
                .formatted(samples, samples == 1 ? "" : "s", LEAST_SAMPLES);
    }

    private MetricChange change(Comparison comparison, String metric) {
        MetricChange change = comparison.changes().get(metric);
        if (change == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the gate looks at '%s', which was not measured; measured are %s"
                            .formatted(metric, comparison.changes().keySet()));
        }
        return change;
    }

    private static String lost(Guard guard, MetricChange change, double loss) {
        String by =
                guard.relative()
                        ? "%.1f %%; at most %.1f %%".formatted(loss * 100, guard.tolerance() * 100)
                        : "%s; at most %s".formatted(number(loss), number(guard.tolerance()));
        return "%s %s from %s to %s, by %s is allowed."
                .formatted(
                        guard.metric(),
                        guard.higherIsBetter() ? "fell" : "rose",
                        number(change.base().mean()),
                        number(change.adapter().mean()),
                        by);
    }

    private String notBetter(MetricChange change) {
        Interval d = change.difference();
        boolean wrongWay = higherIsBetter ? d.mean() < 0 : d.mean() > 0;
        return "%s changed from %s to %s (difference %s, 95 %% interval %s to %s), %s."
                .formatted(
                        target,
                        number(change.base().mean()),
                        number(change.adapter().mean()),
                        number(d.mean()),
                        number(d.low()),
                        number(d.high()),
                        wrongWay ? "which is worse" : "which is not clear of zero");
    }

    private String gained(MetricChange change, Comparison comparison) {
        Interval d = change.difference();
        return "%s changed from %s to %s (difference %s, 95 %% interval %s to %s) on %d samples, and no guard was lost."
                .formatted(
                        target,
                        number(change.base().mean()),
                        number(change.adapter().mean()),
                        number(d.mean()),
                        number(d.low()),
                        number(d.high()),
                        comparison.samples());
    }

    /** Four significant digits. */
    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
