package dev.reelrank.bench.judge;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.client.config.AlignFile;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Which preference model learns a person's taste better: the linear one on features, or the
 * vision-language model with an adapter. Simulated users select among rendered videos; both models
 * learn the same selections and judge pairs of other samples.
 */
@Command(
        name = "judge",
        description =
                "The linear preference model against the vision-language model, on simulated selections.",
        mixinStandardHelpOptions = true)
public final class JudgeBench implements Callable<Integer> {
    @Option(
            names = "--models",
            description = "Folder of the testbed's models. Default: models/testbed.")
    private @Nullable Path models;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Keeps videos and features. Default: a temporary folder.")
    private @Nullable Path work;

    @Option(
            names = "--split",
            defaultValue = "test",
            description =
                    "Held-out samples: test, or validation to choose a recipe. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String split = "test";

    @Option(
            names = "--selections",
            split = ",",
            defaultValue = "15,30,60",
            description = "How many are learned. Default: ${DEFAULT-VALUE}.")
    private List<Integer> selections = List.of(15, 30, 60);

    @Option(
            names = "--judged",
            defaultValue = "64",
            description = "Held-out pairs. Default: ${DEFAULT-VALUE}.")
    private int judged = 64;

    @Option(
            names = "--tastes",
            split = ",",
            defaultValue = "larger,slower,left",
            description = "Users that are simulated. Default: ${DEFAULT-VALUE}.")
    private List<Taste> tastes = List.of(Taste.values());

    @Option(
            names = "--again",
            split = ",",
            paramLabel = "FILE",
            description =
                    "Measure nothing: put the tastes and amounts of earlier --json files together."
                            + " The rest is that of the first.")
    private List<Path> again = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One parameter over the preset judge, for example align.steps=60.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description = "Of the vision-language model. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "Of both models, on the CPU. Default: ${DEFAULT-VALUE}.")
    private int threads = 1;

    @Mixin private final FigureFile json = new FigureFile();

    @Override
    public Integer call() throws IOException {
        if (!again.isEmpty()) {
            ObjectNode together = together();
            System.out.println(together.toPrettyString());
            json.write(together);
            return 0;
        }
        AlignConfig config = AlignFile.set(settings, AlignFile.preset("judge"));
        Path folder = work != null ? work : Files.createTempDirectory("reelrank-bench-judge");
        long begin = System.nanoTime();
        ObjectNode measured =
                new JudgeRun(
                                ModelFolders.rootOrShipped(models),
                                folder,
                                Split.parse(split),
                                selections,
                                judged,
                                tastes,
                                config,
                                Device.parse(device),
                                threads)
                        .measure(System.err::println);
        measured.put(
                "command",
                "reelrank bench judge --split %s --judged %d%s"
                        .formatted(
                                split,
                                judged,
                                settings.isEmpty()
                                        ? ""
                                        : " --set " + String.join(" --set ", settings)));
        measured.put("rank", config.rank());
        measured.put("steps", config.steps());
        measured.put("learningRate", config.learningRate());
        measured.put("beta", config.beta());
        measured.put("precision", config.precision());
        measured.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
        measured.put(
                "hardware",
                "%s, %d threads of %d, %s %s, Java %s"
                        .formatted(
                                device,
                                threads,
                                Runtime.getRuntime().availableProcessors(),
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                System.getProperty("java.version")));
        measured.put("date", Instant.now().toString());
        measured.putArray("missed");
        System.out.println(measured.toPrettyString());
        json.write(measured);
        return 0;
    }

    private ObjectNode together() throws IOException {
        var mapper = new ObjectMapper();
        ObjectNode first = null;
        for (Path file : FigureFile.earlier(again)) {
            var one = (ObjectNode) mapper.readTree(file.toFile());
            if (first == null) {
                first = one;
            } else {
                ObjectNode all = first.withObject("/tastes");
                one.path("tastes")
                        .properties()
                        .forEach(
                                e ->
                                        all.withArrayProperty(e.getKey())
                                                .addAll((ArrayNode) e.getValue()));
            }
        }
        return Objects.requireNonNull(first);
    }
}
