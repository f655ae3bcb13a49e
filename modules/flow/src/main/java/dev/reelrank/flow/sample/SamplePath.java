package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.Stages;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a sample through its stages: one step per stage, in the order of the table.
 *
 * @param stages the table
 * @param steps one for each of its stages that a sample passes
 */
public record SamplePath(Stages stages, List<SampleStep> steps) {
    /** Prompt, candidates, ranking, grade. */
    public static final SamplePath STANDARD =
            new SamplePath(
                    Stages.STANDARD,
                    List.of(
                            new PromptStep(),
                            new CandidateStep(),
                            new RankingStep(),
                            new GradeStep()));

    /**
     * @throws IllegalArgumentException if the steps are not those of the table
     */
    public SamplePath {
        steps = List.copyOf(steps);
        var asked = steps.stream().map(SampleStep::stage).toList();
        if (!asked.equals(stages.ofSample())) {
            throw new IllegalArgumentException(
                    "the steps of a sample are %s, its stages %s"
                            .formatted(asked, stages.ofSample()));
        }
    }

    /** The same path with one more step at its end. */
    public SamplePath with(Stages table, SampleStep step) {
        var all = new ArrayList<>(steps);
        all.add(step);
        return new SamplePath(table, all);
    }

    /** What a sample asks of a stage that it passes. */
    SampleStep step(StageName stage) {
        return steps.stream()
                .filter(step -> step.stage().equals(stage))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no sample passes stage " + stage));
    }

    /** The stage that a sample begins with. */
    StageName first() {
        return steps.get(0).stage();
    }

    /** The stage that a sample ends with. */
    StageName last() {
        return steps.get(steps.size() - 1).stage();
    }
}
