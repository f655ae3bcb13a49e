package dev.reelrank.cli;

import dev.reelrank.cli.terminal.Interruption;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.study.PlannedCell.Choose;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.study.StudyData;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.EvaluateConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Two runs, compared as a study compares its configurations. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Compares two runs: their videos are evaluated, and the second is judged against the"
                    + " first.",
            "The samples that both have are compared, the others listed."
        })
final class CompareCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Parameters(index = "0", paramLabel = "RUN_A", description = "The run to compare with.")
    String first = "";

    @Parameters(index = "1", paramLabel = "RUN_B", description = "The run that is judged.")
    String second = "";

    @Mixin MetricOptions metrics = new MetricOptions();

    @Mixin GpuOptions gpus = new GpuOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the report. Default: outputs/studies/RUN_A-RUN_B")
    @Nullable Path out;

    @Option(names = "--json", description = "Print the verdicts as JSON.")
    boolean json;

    @Override
    public Integer call() {
        if (first.equals(second)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s would be compared with itself; name two runs".formatted(first));
        }
        List<String> chosen = metrics.chosen();
        List<String> judged = chosen.isEmpty() ? Metrics.HEADLINE : chosen;
        DataFolder data = farm.dataFolder();
        Path report = out != null ? out : Path.of("outputs", "studies", first + "-" + second);
        try (var session =
                        Session.openToRead(
                                data, farm.evaluators(data, gpus.devices(), models, 30));
                var interruption =
                        Interruption.saying(
                                "Interrupted. Nothing is lost: the same command goes on.")) {
            var wanted =
                    List.of(first, second).stream()
                            .map(
                                    run ->
                                            new StudyFigures.Wanted(
                                                    run,
                                                    "",
                                                    RunReading.one(session, run),
                                                    Choose.RANKING))
                            .toList();
            var cells =
                    new StudyFigures(
                                    session,
                                    EvaluateCommand.known(models),
                                    EvaluateConfig.defaults(),
                                    judged)
                            .of(wanted);
            return new StudyOutput(session, report, null, json)
                    .write(
                            new StudyData(
                                    second + " against " + first,
                                    "",
                                    first,
                                    false,
                                    StudyFigures.measured(judged, cells),
                                    cells));
        }
    }
}
