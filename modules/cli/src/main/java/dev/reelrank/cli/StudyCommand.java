package dev.reelrank.cli;

import dev.reelrank.cli.terminal.Interruption;
import dev.reelrank.client.Session;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.study.PlannedCell;
import dev.reelrank.client.study.StudyFile;
import dev.reelrank.client.study.StudyInputs;
import dev.reelrank.client.study.StudyPlan;
import dev.reelrank.client.study.StudyRuns;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.study.StudyData;
import dev.reelrank.generator.CandidateCheck;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.config.EvaluateConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A study: configurations over the same samples. */
@Command(
        name = "study",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Compares configurations over the same samples and writes a report: tables, figures,"
                    + " verdicts, videos.",
            "Stored results are reused: a changed ranking weight generates nothing. After an"
                    + " interruption, the same command goes on.",
            "See docs/evaluation.md for the format of a study."
        })
final class StudyCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description =
                    "The study, YAML; or a ready-made one: first-look (the default), steps,"
                            + " prompt-modes, reranking, seeds, choose-by-metrics, ablation,"
                            + " identityflow.")
    String file = "first-look";

    @Option(
            names = "--dataset",
            paramLabel = "DIR",
            description = "Folder of the samples. Default: that of the study, or the bundled ones.")
    @Nullable Path dataset;

    @Mixin GpuOptions gpus = new GpuOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the report. Default: outputs/studies/NAME")
    @Nullable Path out;

    @Option(
            names = "--baseline",
            paramLabel = "FILE.json",
            description =
                    "study.json of an earlier study: end with code 6 if a metric of a configuration"
                            + " of the same name is significantly worse.")
    @Nullable Path baseline;

    @Option(
            names = "--drain-timeout",
            paramLabel = "SECONDS",
            description =
                    "Time for workers to finish their current work. Default: ${DEFAULT-VALUE}",
            defaultValue = "30")
    int drainSeconds = 30;

    @Option(names = "--plan", description = "Only show the configurations and their runs.")
    boolean planOnly;

    @Option(names = "--json", description = "Print verdicts and ranks as JSON.")
    boolean json;

    @Override
    public Integer call() {
        StudyPlan plan = StudyFile.read(file);
        plan.metrics().forEach(Metrics::of);
        List<String> judged = plan.metrics().isEmpty() ? Metrics.HEADLINE : plan.metrics();
        Path folder = folder(plan);
        var samples = new Dataset(folder);
        List<String> ids = samples.choose(plan.samples(), plan.first(), id -> {});
        String inputs = StudyInputs.of(samples, ids, models.all());
        if (planOnly) {
            for (PlannedCell cell : plan.cells()) {
                System.out.printf(
                        "%s  %s  %s%n", cell.runId(ids, inputs), cell.name(), cell.settings());
            }
            return ExitCode.OK;
        }
        for (PlannedCell cell : plan.cells()) {
            CandidateCheck.check(cell.configuration().candidate(), models.folders());
        }
        // Before hours of work, not after.
        StudyData earlier = baseline == null ? null : StudyData.read(baseline);
        DataFolder data = farm.dataFolder();
        List<String> devices = farm.cluster.servers() == null ? gpus.devices() : List.of();
        var spec =
                farm.spec(
                                data,
                                farm.cluster.servers() == null,
                                devices,
                                models.root().toString(),
                                models.overrides,
                                drainSeconds)
                        .withEvaluators(devices);
        Path report = out != null ? out : Path.of("outputs", "studies", plan.name());
        try (var session = Session.openToRead(data, spec);
                var interruption =
                        Interruption.saying(
                                "Interrupted. Nothing is lost: the same command goes on.")) {
            var output = new StudyOutput(session, report, earlier, json);
            System.err.printf(
                    "Study %s: %d configurations, %d samples%n",
                    plan.name(), plan.cells().size(), ids.size());
            var runs =
                    new StudyRuns(session, samples, inputs, ids, System.err::println)
                            .run(plan.cells());
            var wanted =
                    plan.cells().stream()
                            .map(
                                    c ->
                                            new StudyFigures.Wanted(
                                                    c.name(),
                                                    c.settings(),
                                                    java.util.Objects.requireNonNull(
                                                            runs.get(c.name())),
                                                    c.choose()))
                            .toList();
            var cells =
                    new StudyFigures(
                                    session,
                                    EvaluateCommand.known(models),
                                    EvaluateConfig.defaults(),
                                    judged)
                            .of(wanted);
            return output.write(
                    new StudyData(
                            plan.name(),
                            plan.question(),
                            plan.baseline(),
                            plan.incremental(),
                            StudyFigures.measured(judged, cells),
                            cells));
        }
    }

    private Path folder(StudyPlan plan) {
        Path bundled = Home.folder().resolve("samples");
        String named = plan.dataset();
        Path chosen = dataset != null ? dataset : named != null ? Path.of(named) : bundled;
        return chosen.toAbsolutePath().normalize();
    }
}
