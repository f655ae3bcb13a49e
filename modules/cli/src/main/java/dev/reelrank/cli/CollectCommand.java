package dev.reelrank.cli;

import dev.reelrank.cli.terminal.RunDisplay;
import dev.reelrank.cli.terminal.Terminal;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.RunTopics;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.farm.FarmSpec;
import dev.reelrank.client.results.RunFiles;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.run.RunFollower;
import dev.reelrank.pipeline.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the results of a run as files, from facts and store alone. */
@Command(
        name = "collect",
        mixinStandardHelpOptions = true,
        description =
                "Writes a run's videos, prompts, candidates and report.json. The files are the same every time.")
final class CollectCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--run", required = true, paramLabel = "ID", description = "Which run.")
    String runId = "";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the results of all runs. Default: ${DEFAULT-VALUE}",
            defaultValue = "outputs")
    Path out = Path.of("outputs");

    @Option(
            names = "--follow",
            description =
                    "Follow the run until it is done. On a local farm, this also starts flow and workers.")
    boolean follow;

    @Option(
            names = "--keep-only",
            description =
                    "Write the winners only of samples that the quality gate keeps; report.json has"
                            + " all of them.")
    boolean keepOnly;

    @Mixin ModelOptions models = new ModelOptions();

    @Mixin GpuOptions gpus = new GpuOptions();

    @Mixin FinishOptions finish = new FinishOptions();

    @Option(names = "--json", description = "Print the report to standard output.")
    boolean json;

    @Override
    public Integer call() {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, spec(data))) {
            RunView view = RunReading.one(session, runId);
            var files = new RunFiles(out, runId, session.store(), keepOnly);
            // A run that was done before says so until flow has taken in what was sent to it since.
            Set<String> sent = follow ? RunReading.submissions(session, runId) : Set.of();
            if (follow && !done(view, sent)) {
                try (var display = new RunDisplay(Terminal.isWatched());
                        var reader =
                                session.reader(RunTopics.withProgress(session.topics()))
                                        .onlyRun(runId)) {
                    var follower = new RunFollower(view, files, display);
                    while (!done(view, sent)) {
                        follower.step(reader, Duration.ofMillis(250));
                    }
                    reader.readToEnd(stored -> view.apply(stored.event()));
                }
            }
            view.samples().values().forEach(files::write);
            var report = files.report(view);
            report.path("notes")
                    .properties()
                    .forEach(
                            note ->
                                    System.err.println(
                                            "Note on "
                                                    + note.getKey()
                                                    + ": "
                                                    + note.getValue().asText()));
            finish.write(session.store(), view, files, models);
            if (json) {
                Json.print(report);
            } else {
                System.out.print(RunTable.of(view, files.folder()));
            }
            return report.at("/totals/failed").asInt() == 0 ? ExitCode.OK : ExitCode.SAMPLE_FAILED;
        }
    }

    private static boolean done(RunView view, Set<String> submissions) {
        return view.done() && view.ended(submissions, view.samples().keySet());
    }

    /**
     * Following a run on a local farm needs processes that do the work: flow and workers are
     * started with it.
     */
    private FarmSpec spec(DataFolder data) {
        return follow && farm.cluster.servers() == null
                ? farm.spec(
                        data, true, gpus.devices(), models.root().toString(), models.overrides, 30)
                : farm.brokerOnly(data);
    }
}
