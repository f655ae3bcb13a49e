package dev.reelrank.bench.prune;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** What each plan ends with, over all scenes, beside the best of three and of one. */
public final class PruneTable {
    /** A second outline of a tenth of the subject is seen at once. */
    private static final double GHOSTED = 0.1;

    private static final int RESAMPLES = 10_000;

    private PruneTable() {}

    /**
     * The figures by their keys, and {@code missed}: what was to be reached and is not.
     *
     * @param reference whose winner the others are compared with, scene by scene
     */
    public static ObjectNode of(
            List<SceneFigures> scenes, List<Plan> plans, Plan reference, int steps) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("scenes", scenes.size());
        json.put("steps", steps);
        json.put("reference", reference.key());
        json.put("averageQuality", mean(scenes.stream().map(s -> mean(s.quality())).toList()));
        double step = mean(scenes.stream().map(SceneFigures::stepSeconds).toList());
        double preview = mean(scenes.stream().map(SceneFigures::previewSeconds).toList());
        json.put("stepSeconds", step);
        json.put("previewSeconds", preview);
        json.put("previewShareOfStep", preview / step);
        ArrayNode rows = json.putArray("plans");
        boolean better = false;
        for (Plan plan : plans) {
            ObjectNode row = rows.addObject();
            row.put("seeds", plan.seeds()).put("after", plan.after()).put("keep", plan.keep());
            row.put("stepsSpent", plan.spent(steps));
            row.put("quality", mean(scenes.stream().map(s -> quality(s, plan)).toList()));
            row.put(
                    "ghostRate",
                    mean(scenes.stream().map(s -> ghosted(s, plan) ? 1.0 : 0.0).toList()));
            List<Double> differences =
                    scenes.stream().map(s -> quality(s, plan) - quality(s, reference)).toList();
            double[] interval = interval(differences);
            row.put("difference", mean(differences));
            row.put("differenceLow95", interval[0]);
            row.put("differenceHigh95", interval[1]);
            better |=
                    plan.prunes() && plan.spent(steps) <= reference.spent(steps) && interval[0] > 0;
        }
        ArrayNode missed = json.putArray("missed");
        if (!better) {
            missed.add(
                    "at no more steps than %s, no pruned plan is better with its 95 %% interval clear of zero"
                            .formatted(reference.key()));
        }
        if (preview / step > 0.05) {
            missed.add("a preview costs more than 5 % of a step");
        }
        return json;
    }

    private static double quality(SceneFigures scene, Plan plan) {
        return scene.quality().get(winner(scene, plan));
    }

    private static int winner(SceneFigures scene, Plan plan) {
        return Objects.requireNonNull(
                scene.winners().get(plan.key()), "measured with other plans: " + plan.key());
    }

    private static boolean ghosted(SceneFigures scene, Plan plan) {
        return scene.ghost().get(winner(scene, plan)) > GHOSTED;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
    }

    /** Of the mean, by drawing scenes with replacement; the same every time. */
    private static double[] interval(List<Double> values) {
        var random = new SplittableRandom(1);
        var means = new ArrayList<Double>();
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < values.size(); i++) {
                sum += values.get(random.nextInt(values.size()));
            }
            means.add(sum / values.size());
        }
        means.sort(null);
        return new double[] {
            means.get((int) (0.025 * RESAMPLES)), means.get((int) (0.975 * RESAMPLES))
        };
    }
}
