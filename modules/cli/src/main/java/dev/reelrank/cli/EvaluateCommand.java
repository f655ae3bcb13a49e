package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.cli.terminal.Interruption;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.evaluation.EvaluationAnswer;
import dev.reelrank.client.evaluation.EvaluationItem;
import dev.reelrank.client.evaluation.Evaluations;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.RunView;
import dev.reelrank.evaluation.Evaluated;
import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluation.metric.MetricInfo;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluator.EvaluateStage;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.stage.EvaluateResult;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures the videos of a run, or files, by published metrics. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures videos by published metrics, on the original prompt.",
            "Either the videos of a run (--run), on this machine's farm; or files (--reference,"
                    + " --prompt, VIDEO...).",
            "A metric whose model is missing is reported as not measured, with the reason."
        })
final class EvaluateCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Option(names = "--run", paramLabel = "ID", description = "Evaluate this run.")
    @Nullable String runId;

    @Option(
            names = "--all-candidates",
            description = "With --run: every candidate, not only the winners.")
    boolean allCandidates;

    @Option(
            names = "--reference",
            paramLabel = "IMAGE",
            description = "The reference image of the files.")
    @Nullable Path reference;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "The original prompt of the files, as the user wrote it.")
    String prompt = "";

    @Option(
            names = "--subject",
            paramLabel = "PHRASE",
            description = "The subject of the files, if the prompt does not name it clearly.")
    @Nullable String subject;

    @Mixin MetricOptions metrics = new MetricOptions();

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames that embeddings are made of, at most. Default: ${DEFAULT-VALUE}",
            defaultValue = "1024")
    int frames = 1024;

    @Mixin GpuOptions gpus = new GpuOptions();

    @Option(names = "--list", description = "Show the metrics and what they need.")
    boolean list;

    @Option(names = "--json", description = "Print every figure of every video as JSON.")
    boolean json;

    @Parameters(paramLabel = "VIDEO", arity = "0..*", description = "Video files.")
    List<Path> videos = List.of();

    /** A video and what was measured of it. */
    private record Row(String name, Map<String, Measurement> figures, @Nullable String failure) {}

    @Override
    public Integer call() {
        if (list) {
            printList();
            return ExitCode.OK;
        }
        if ((runId == null) == videos.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "evaluate the videos of a run with --run ID, or files with --reference IMAGE"
                            + " --prompt TEXT VIDEO...");
        }
        var defaults = EvaluateConfig.defaults();
        var config =
                new EvaluateConfig(
                        metrics.chosen(),
                        frames,
                        defaults.maskFrames(),
                        defaults.memoryBudgetGib());
        List<Row> rows = runId == null ? files(config) : run(runId, config);
        if (json) {
            Json.print(rows);
        } else {
            print(rows);
        }
        return rows.stream().anyMatch(r -> r.failure() != null)
                ? ExitCode.SAMPLE_FAILED
                : ExitCode.OK;
    }

    private List<Row> files(EvaluateConfig config) {
        if (reference == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "files are compared with their reference image: name it with --reference");
        }
        var image = Images.read(reference);
        var clips = new ArrayList<Clip>();
        for (Path video : videos) {
            if (!Files.isRegularFile(video)) {
                throw new StageException(FailureCode.UNREADABLE_VIDEO, "there is no file " + video);
            }
            clips.add(new Clip(prompt, subject, image, video));
        }
        List<Evaluated> evaluated;
        var device = Device.parse(gpus.devices().get(0));
        try (var stage = new EvaluateStage(models.folders(), FileFingerprints.ofUser(), device)) {
            evaluated =
                    stage.evaluateFiles(clips, config, Runtime.getRuntime().availableProcessors());
        }
        var rows = new ArrayList<Row>();
        for (int i = 0; i < clips.size(); i++) {
            var failure = evaluated.get(i).failure();
            rows.add(
                    new Row(
                            videos.get(i).toString(),
                            new TreeMap<>(evaluated.get(i).measurements()),
                            failure == null ? null : failure.getMessage()));
        }
        return rows;
    }

    private List<Row> run(String run, EvaluateConfig config) {
        DataFolder data = farm.dataFolder();
        try (var session =
                        Session.openToRead(
                                data, farm.evaluators(data, gpus.devices(), models, 30));
                var interruption =
                        Interruption.saying(
                                "Interrupted. Nothing is lost: the same command goes on.")) {
            RunView view = RunReading.one(session, run);
            var items =
                    allCandidates
                            ? EvaluationItem.candidates(view, config)
                            : EvaluationItem.winners(view, config);
            var answers =
                    new Evaluations(session, known(models))
                            .all(
                                    items,
                                    (done, of) ->
                                            System.err.printf(
                                                    "%d of %d videos evaluated%n", done, of));
            var rows = new ArrayList<Row>();
            answers.forEach((item, answer) -> rows.add(row(item, answer)));
            // A sample without a video stays in the list: it is not better for having failed.
            for (String id : view.samples().keySet()) {
                if (items.stream().noneMatch(item -> item.sampleId().equals(id))) {
                    rows.add(new Row(id, Map.of(), "has no video"));
                }
            }
            return rows;
        }
    }

    private Row row(EvaluationItem item, EvaluationAnswer answer) {
        EvaluateResult result = answer.result();
        return new Row(
                allCandidates ? item.sampleId() + "/" + item.seed() : item.sampleId(),
                result == null ? Map.of() : result.measurements(),
                answer.failure());
    }

    /** What the models of evaluations are known by: their content, where they lie here. */
    static String known(ModelOptions models) {
        if (!Files.isDirectory(models.root())) {
            return "";
        }
        try (var stage =
                new EvaluateStage(models.folders(), FileFingerprints.ofUser(), Device.CPU)) {
            return stage.fingerprint();
        }
    }

    private static void printList() {
        System.out.println(
                AsciiTable.builder()
                        .border(AsciiTable.NO_BORDERS)
                        .data(
                                Metrics.all(),
                                List.of(
                                        Columns.left("metric", 40, MetricInfo::name),
                                        Columns.left("better", 10, EvaluateCommand::better),
                                        Columns.left(
                                                "models", 40, m -> String.join(", ", m.models())),
                                        Columns.left("formula", 120, MetricInfo::formula)))
                        .asString());
    }

    private static String better(MetricInfo metric) {
        return switch (metric.direction()) {
            case HIGHER -> "higher";
            case LOWER -> "lower";
            case NEITHER -> "-";
        };
    }

    private static void print(List<Row> rows) {
        var names = new LinkedHashMap<String, List<Measurement>>();
        for (MetricInfo metric : Metrics.all()) {
            for (Row row : rows) {
                Measurement figure = row.figures().get(metric.name());
                if (figure != null) {
                    names.computeIfAbsent(metric.name(), n -> new ArrayList<>()).add(figure);
                }
            }
        }
        System.out.println(
                AsciiTable.builder()
                        .border(AsciiTable.NO_BORDERS)
                        .data(
                                names.entrySet(),
                                List.of(
                                        Columns.left("metric", 40, Map.Entry::getKey),
                                        Columns.left("mean", 12, e -> mean(e.getValue())),
                                        Columns.left("lowest", 12, e -> lowest(e.getValue())),
                                        Columns.left(
                                                "measured",
                                                14,
                                                e ->
                                                        "%d of %d"
                                                                .formatted(
                                                                        values(e.getValue()).length,
                                                                        rows.size())),
                                        Columns.left("", 120, e -> reason(e.getValue()))))
                        .asString());
        rows.stream()
                .filter(r -> r.failure() != null)
                .forEach(r -> System.err.println(r.name() + ": " + r.failure()));
    }

    private static double[] values(List<Measurement> figures) {
        return figures.stream()
                .map(Measurement::value)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static String mean(List<Measurement> figures) {
        var mean = java.util.Arrays.stream(values(figures)).average();
        return mean.isPresent() ? String.format(Locale.ROOT, "%.4f", mean.getAsDouble()) : "-";
    }

    private static String lowest(List<Measurement> figures) {
        var low = java.util.Arrays.stream(values(figures)).min();
        return low.isPresent() ? String.format(Locale.ROOT, "%.4f", low.getAsDouble()) : "-";
    }

    private static String reason(List<Measurement> figures) {
        return figures.stream()
                .map(Measurement::reason)
                .filter(Objects::nonNull)
                .findFirst()
                .map(r -> "not measured: " + r)
                .orElse("");
    }
}
