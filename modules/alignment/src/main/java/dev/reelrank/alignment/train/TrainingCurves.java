package dev.reelrank.alignment.train;

import dev.reelrank.alignment.curve.Curves;
import dev.reelrank.alignment.curve.Curves.Curve;
import dev.reelrank.alignment.curve.EventFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Keeps the reports of a training as TensorBoard events, and draws its curves: {@code loss.png},
 * {@code rewards.png} and {@code accuracy.png}.
 */
public final class TrainingCurves {
    private final EventFile events;
    private final List<StepReport> reports;

    /**
     * @param events takes every step; stays the caller's
     * @param before reports of the steps before a training was interrupted, for the pictures
     */
    public TrainingCurves(EventFile events, List<StepReport> before) {
        this.events = events;
        this.reports = new ArrayList<>(before);
    }

    /** Takes a step; a step that is done anew after an interruption replaces what was known. */
    public void add(StepReport report) {
        reports.removeIf(known -> known.step() >= report.step());
        reports.add(report);
        events.scalars(report.step(), tags(report));
    }

    private static Map<String, Double> tags(StepReport report) {
        var tags = new LinkedHashMap<String, Double>();
        tags.put("train/loss", report.loss());
        tags.put("train/reward_winner", report.winnerReward());
        tags.put("train/reward_loser", report.loserReward());
        tags.put("train/margin", report.margin());
        tags.put("train/accuracy", report.accuracy());
        // Above 0 the network fits the winners worse than its reference: stop if it keeps growing.
        tags.put("train/winner_drift", report.winnerError() - report.referenceWinnerError());
        tags.put("train/loser_drift", report.loserError() - report.referenceLoserError());
        tags.put("train/gradient_norm", report.gradientNorm());
        tags.put("train/learning_rate", report.learningRate());
        tags.put("train/timestep", report.timestep());
        tags.put("train/seconds", report.seconds());
        tags.put("train/memory_bytes", (double) report.memory().allocated());
        return tags;
    }

    /**
     * Draws the curves so far; nothing before the first step.
     *
     * @param folder exists
     */
    public void draw(Path folder) {
        if (reports.isEmpty()) {
            return;
        }
        Curves.draw(
                folder.resolve("loss.png"),
                "Loss",
                "loss",
                Map.of("loss", curve(StepReport::loss)));
        var rewards = new LinkedHashMap<String, Curve>();
        rewards.put("winner", curve(StepReport::winnerReward));
        rewards.put("loser", curve(StepReport::loserReward));
        rewards.put("margin", curve(StepReport::margin));
        Curves.draw(folder.resolve("rewards.png"), "Rewards", "reward", rewards);
        Curves.draw(
                folder.resolve("accuracy.png"),
                "Share of pairs whose winner gains more than its loser",
                "accuracy",
                Map.of("accuracy", curve(StepReport::accuracy)));
    }

    private Curve curve(ToDoubleFunction<StepReport> figure) {
        return new Curve(
                reports.stream().mapToDouble(StepReport::step).toArray(),
                reports.stream().mapToDouble(figure).toArray());
    }
}
