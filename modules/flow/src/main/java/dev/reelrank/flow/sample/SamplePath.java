package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.Stages;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a sample through its stages: one step of its own per stage, in the order of the
 * table, and before them steps for parts of a stage's work.
 *
 * @param stages the table
 * @param steps one for each of its stages that a sample passes, and those for parts
 */
public record SamplePath(Stages stages, List<SampleStep> steps) {
    /** Prompt, drafts, their comparison, candidates, ranking, grade. */
    public static final SamplePath STANDARD =
            new SamplePath(
                    Stages.STANDARD,
                    List.of(
                            new PromptStep(),
                            new DraftStep(),
                            new PreviewStep(),
                            new CandidateStep(),
                            new RankingStep(),
                            new GradeStep()));

    /**
     * @throws IllegalArgumentException if the steps are not those of the table
     */
    public SamplePath {
        steps = List.copyOf(steps);
        var asked =
                steps.stream()
                        .filter(step -> step.part().isEmpty())
                        .map(SampleStep::stage)
                        .toList();
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

    /** What a sample asks of a stage that it passes, in the stage's own step. */
    SampleStep step(StageName stage) {
        return steps.stream()
                .filter(step -> step.stage().equals(stage) && step.part().isEmpty())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no sample passes stage " + stage));
    }

    /** The step that asks for a piece of work. */
    SampleStep stepOf(WorkRef work) {
        for (var step : steps) {
            if (step.stage().equals(work.stage())
                    && Ids.workId(
                                    work.runId(),
                                    work.sampleId(),
                                    work.stage(),
                                    work.seed(),
                                    step.part())
                            .equals(work.workId())) {
                return step;
            }
        }
        return step(work.stage());
    }

    /** The stage that a piece of work belongs to: for a part, the one that it leads to. */
    StageName towards(WorkRef work) {
        int at = steps.indexOf(stepOf(work));
        while (!steps.get(at).part().isEmpty()) {
            at++;
        }
        return steps.get(at).stage();
    }

    /** Whether one piece of work comes before another one on the path. */
    boolean before(WorkRef one, WorkRef other) {
        return steps.indexOf(stepOf(one)) < steps.indexOf(stepOf(other));
    }

    /** The stage that a sample begins with. */
    StageName first() {
        return steps.get(0).stage();
    }
}
