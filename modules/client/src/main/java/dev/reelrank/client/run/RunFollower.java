package dev.reelrank.client.run;

import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.StoredEvent;
import dev.reelrank.client.results.RunFiles;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.Stages;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Follows the facts of one run, shows how far it is, and writes each sample's files when it has
 * ended.
 */
public final class RunFollower {
    private final RunView view;
    private final RunFiles files;
    private final RunProgress display;
    private final Set<String> written = new HashSet<>();
    private final Map<StageName, String> notes = new HashMap<>();
    private final Map<String, SampleUpdated.Status> announced = new HashMap<>();

    public RunFollower(RunView view, RunFiles files, RunProgress display) {
        this.view = view;
        this.files = files;
        this.display = display;
    }

    /** Takes what has come since the last call, waiting a little for the first event. */
    public void step(EventReader facts, Duration wait) {
        boolean changed = false;
        for (StoredEvent stored : facts.poll(wait)) {
            if (stored.event() instanceof ProgressReported progress) {
                note(progress);
            } else {
                changed |= view.apply(stored.event()).isPresent();
            }
        }
        if (changed) {
            view.samples().values().forEach(this::finish);
        }
        show();
    }

    /** The complete current state of the facts: the final view of a run. */
    public void conclude() {
        view.samples().values().forEach(files::write);
        files.report(view);
    }

    private void finish(SampleView sample) {
        // A flow of an older build does not say what the end rests on.
        if (!sample.terminal() || (sample.winner().isEmpty() && !failed(sample))) {
            return;
        }
        var status = sample.update().orElseThrow().status();
        if (announced.put(sample.sampleId(), status) == status) {
            return;
        }
        files.write(sample);
        files.report(view);
        written.add(sample.sampleId());
        display.say(describe(sample));
    }

    private static boolean failed(SampleView sample) {
        return sample.update().orElseThrow().status() == SampleUpdated.Status.FAILED;
    }

    private String describe(SampleView sample) {
        var update = sample.update().orElseThrow();
        if (update.failure() != null) {
            return "%s failed in %s: %s (%s)"
                    .formatted(
                            sample.sampleId(),
                            update.failure().stage().id(),
                            update.failure().message(),
                            update.failure().code());
        }
        var ranking = sample.ranking().orElseThrow();
        String grade =
                sample.grade().map(GradeResult::grade).map(g -> "grade " + g).orElse("no grade");
        int pruned = sample.pruned().size();
        return "%s: seed %d of %d%s, %s — %s"
                .formatted(
                        sample.sampleId(),
                        ranking.winner().seed(),
                        ranking.candidates().size(),
                        pruned == 0 ? "" : " finished and " + pruned + " pruned",
                        grade,
                        ranking.winner().reason());
    }

    private void note(ProgressReported progress) {
        String what =
                progress.work().seed() == null
                        ? progress.work().sampleId()
                        : progress.work().sampleId() + "/" + progress.work().seed();
        String step =
                progress.work().stage().equals(StageName.CANDIDATE) ? "denoising step" : "step";
        notes.put(
                progress.work().stage(),
                String.format(
                        Locale.ROOT, "%s %s %d of %d", what, step, progress.step(), progress.of()));
    }

    private void show() {
        long samples = view.samples().values().stream().filter(s -> s.sample().isPresent()).count();
        if (samples == 0) {
            return;
        }
        long seeds =
                view.samples().values().stream()
                        .flatMap(s -> s.sample().stream())
                        .mapToLong(s -> s.configuration().candidate().finished())
                        .sum();
        for (StageName stage : Stages.STANDARD.ofSample()) {
            display.stage(
                    stage,
                    count(stage),
                    stage.equals(StageName.CANDIDATE) ? seeds : samples,
                    notes.getOrDefault(stage, ""));
        }
    }

    private long count(StageName stage) {
        return view.samples().values().stream()
                .flatMap(s -> s.facts().stream())
                .filter(f -> f.work().stage().equals(stage) && !f.result().preliminary())
                .count();
    }
}
