package dev.reelrank.grading.reward;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Questions about looks, motion, coherence and fidelity; each has a wanted answer and a weight. */
public record Checklist(List<Item> items) {
    /**
     * One question about the video.
     *
     * @param axis aesthetic, motion, coherence or fidelity
     * @param yes whether "yes" is the good answer
     * @param weight above 0
     */
    public record Item(String axis, String question, boolean yes, double weight) {}

    /**
     * The score of the questions of one axis.
     *
     * @param score 0..1
     * @param reason one sentence: what weighed on it most
     */
    public record Axis(String name, double score, String reason) {}

    /**
     * What all answers come to.
     *
     * @param score the weighted mean of all items, 0..1
     */
    public record Result(double score, List<Axis> axes) {}

    public Checklist {
        items = List.copyOf(items);
    }

    /**
     * What the answers come to.
     *
     * @param yes probability of "yes", one per item, 0..1
     */
    public Result judge(List<Double> yes) {
        Map<String, double[]> sums = new LinkedHashMap<>();
        Map<String, Integer> worst = new LinkedHashMap<>();
        double total = 0;
        double weights = 0;
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            double good = good(item, yes.get(i));
            double[] sum = sums.computeIfAbsent(item.axis(), a -> new double[2]);
            sum[0] += item.weight() * good;
            sum[1] += item.weight();
            total += item.weight() * good;
            weights += item.weight();
            Integer low = worst.get(item.axis());
            if (low == null || good < good(items.get(low), yes.get(low))) {
                worst.put(item.axis(), i);
            }
        }
        var axes = new ArrayList<Axis>();
        sums.forEach(
                (name, sum) -> {
                    int low = Objects.requireNonNull(worst.get(name));
                    double least = good(items.get(low), yes.get(low));
                    double score = sum[0] / sum[1];
                    String reason =
                            least >= 0.5
                                    ? "%s is good throughout; least certain: \"%s\" (%s)."
                                            .formatted(
                                                    capital(name),
                                                    items.get(low).question(),
                                                    number(least))
                                    : "%s suffers from \"%s\" (%s)."
                                            .formatted(
                                                    capital(name),
                                                    items.get(low).question(),
                                                    number(least));
                    axes.add(new Axis(name, score, reason));
                });
        return new Result(total / weights, axes);
    }

    private static double good(Item item, double yes) {
        return item.yes() ? yes : 1 - yes;
    }

    private static String capital(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }
}
