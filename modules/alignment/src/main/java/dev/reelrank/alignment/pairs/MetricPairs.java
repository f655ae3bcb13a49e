package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The best candidate of a sample against its worst, by one recorded metric. Winner and loser must
 * differ by a minimum gap, the winner may have to be good in itself, and both must move, since a
 * frozen video scores well on many metrics. One pair per sample, as VideoGPA draws them, unless
 * {@link #perSample} allows more: of a sample with many candidates several may be much worse than
 * the best.
 */
public final class MetricPairs implements PairSource {
    /** How much the camera moves, as VideoGPA's judge gives it with its score. */
    public static final String MOTION = "motion_norm";

    /**
     * How much moves at all, in pixels from frame to frame, as it is measured on videos that no
     * judge gave a {@link #MOTION}.
     */
    public static final String FLOW = "motion";

    private final String id;
    private final Rule rule;
    private final int most;

    /**
     * When two candidates make a pair.
     *
     * @param metric its name among the videos' metrics
     * @param higherIsBetter the direction of the metric
     * @param minimumGap between winner and loser, in the metric's unit, at least 0; equal values
     *     never make a pair
     * @param winnerBound the worst value a winner may have, null for no bound
     * @param minimumMotion least {@link #MOTION} of both sides, or {@link #FLOW} where there is no
     *     such figure; null not to look at it
     */
    public record Rule(
            String metric,
            boolean higherIsBetter,
            double minimumGap,
            @Nullable Double winnerBound,
            @Nullable Double minimumMotion) {
        public Rule {
            if (!(minimumGap >= 0) || Double.isInfinite(minimumGap)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "the minimum gap of metric '%s' is %s; it must be a number of at least 0"
                                .formatted(metric, minimumGap));
            }
        }
    }

    private record Value(JudgedVideo video, double value) {}

    public MetricPairs(Rule rule) {
        this("metric:" + rule.metric(), rule, 1);
    }

    private MetricPairs(String id, Rule rule, int most) {
        this.id = id;
        this.rule = rule;
        this.most = most;
    }

    /**
     * The same with up to so many pairs of a sample: the best candidate against the worst, the
     * second worst, and so on.
     *
     * @param pairs at least 1
     */
    public MetricPairs perSample(int pairs) {
        if (pairs < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "there are to be %d pairs of a sample; allow at least 1".formatted(pairs));
        }
        return new MetricPairs(id, rule, pairs);
    }

    /**
     * The best against the worst candidate by the reranker's composite.
     *
     * @param minimumGap of the composite, at least 0
     */
    public static MetricPairs ranking(double minimumGap) {
        return new MetricPairs("ranking", new Rule("composite", true, minimumGap, null, null), 1);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Drawn draw(JudgedSample sample) {
        List<Value> values =
                sample.videos().stream().filter(this::measured).map(this::value).toList();
        if (values.size() < 2) {
            return Drawn.skip("fewer than two candidates have a value of " + rule.metric());
        }
        List<Value> moving = values.stream().filter(v -> moves(v.video())).toList();
        if (moving.size() < 2) {
            return Drawn.skip("fewer than two candidates move by at least " + rule.minimumMotion());
        }
        Comparator<Value> byValue = Comparator.comparingDouble(Value::value);
        var better = rule.higherIsBetter() ? byValue : byValue.reversed();
        // Of equal values the earlier seed counts, so that the same facts give the same pairs.
        Value winner = moving.stream().reduce((a, b) -> better.compare(b, a) > 0 ? b : a).get();
        if (!goodEnough(winner.value())) {
            return Drawn.skip(
                    "even the best %s is worse than %s"
                            .formatted(rule.metric(), rule.winnerBound()));
        }
        List<Value> losers =
                moving.stream()
                        .filter(v -> gap(winner, v) > 0 && gap(winner, v) >= rule.minimumGap())
                        .sorted(better)
                        .limit(most)
                        .toList();
        if (losers.isEmpty()) {
            return Drawn.skip(
                    "the gap of %s is below %s".formatted(rule.metric(), rule.minimumGap()));
        }
        var pairs = new ArrayList<VideoPair>();
        var skipped = new ArrayList<String>();
        for (Value loser : losers) {
            if (winner.video().video().sha256().equals(loser.video().video().sha256())) {
                skipped.add("winner and loser have the same bytes");
            } else {
                pairs.add(
                        sample.pair(
                                id,
                                PairVideo.generated(winner.video()),
                                PairVideo.generated(loser.video()),
                                gap(winner, loser)));
            }
        }
        return new Drawn(pairs, skipped);
    }

    private static double gap(Value one, Value other) {
        return Math.abs(one.value() - other.value());
    }

    private boolean measured(JudgedVideo video) {
        Double value = video.metrics().get(rule.metric());
        return value != null && Double.isFinite(value);
    }

    private Value value(JudgedVideo video) {
        return new Value(video, Objects.requireNonNull(video.metrics().get(rule.metric())));
    }

    private boolean moves(JudgedVideo video) {
        Double least = rule.minimumMotion();
        if (least == null) {
            return true;
        }
        Double motion = video.metrics().getOrDefault(MOTION, video.metrics().get(FLOW));
        return motion != null && motion >= least;
    }

    private boolean goodEnough(double value) {
        Double bound = rule.winnerBound();
        return bound == null || (rule.higherIsBetter() ? value >= bound : value <= bound);
    }
}
