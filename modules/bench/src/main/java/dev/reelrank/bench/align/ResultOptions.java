package dev.reelrank.bench.align;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.Hardware;
import dev.reelrank.bench.align.result.HeldOutChoice;
import dev.reelrank.bench.align.result.ResultRun;
import dev.reelrank.bench.align.result.Workers;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code --result}. */
final class ResultOptions {
    @Option(
            names = "--models",
            description = "Folder of the testbed's models. Default: models/testbed.")
    private @Nullable Path models;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description =
                    "Keeps pairs, adapters and clips; the same command goes on there. Default: a"
                            + " temporary folder.")
    private @Nullable Path work;

    @Option(
            names = "--split",
            defaultValue = "test",
            description =
                    "Held-out scenes: test, or validation to choose a recipe. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String split = "test";

    @Option(
            names = "--from",
            defaultValue = "0",
            description = "First held-out scene. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(
            names = "--scenes",
            defaultValue = "128",
            description = "Held-out scenes. Default: ${DEFAULT-VALUE}.")
    private int scenes = 128;

    @Option(
            names = "--seeds",
            defaultValue = "8",
            description = "Seeds of each. Default: ${DEFAULT-VALUE}.")
    private int seeds = 8;

    @Option(
            names = "--first-seed",
            defaultValue = "1",
            description = "The seeds begin with this one. Default: ${DEFAULT-VALUE}.")
    private long firstSeed = 1;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "N",
            description =
                    "Only these held-out scenes, to choose a recipe: for example those in which an"
                            + " earlier call found something, with other seeds than it used.")
    private List<Integer> only = List.of();

    @Option(
            names = "--pairs",
            defaultValue = "0",
            description = "To train on; 0: the recipe's own. Default: ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--further",
            defaultValue = "42",
            description =
                    "Of rankings: further seeds of each scene that gave a pair; 0 for none."
                            + " Default: ${DEFAULT-VALUE}.")
    private int further = 42;

    @Option(
            names = "--recipe",
            paramLabel = "KEY=VALUE",
            description =
                    "Changes the recipe to try another one, and can be repeated: networks"
                            + " (both, high, low), targets (self, attention, all), rank,"
                            + " learningRate, decay (constant, cosine), warmup, beta, supervised,"
                            + " steps, pairsPerStep, timesteps (schedule, uniform).")
    private Map<String, String> recipe = new LinkedHashMap<>();

    @Option(
            names = "--alone",
            description =
                    "Leaves out the training without a guard, which video-dpo measures as well.")
    private boolean alone;

    @Option(
            names = "--devices",
            split = ",",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description =
                    "Where pairs, trainings and clips are computed, for example cuda:0,cuda:1."
                            + " Default: ${DEFAULT-VALUE}.")
    private List<String> devices = List.of("cpu");

    @Option(
            names = "--workers",
            description =
                    "Threads per device, each with models of its own. Default: one per GPU, one per"
                            + " core on the CPU.")
    private @Nullable Integer workers;

    @Option(
            names = "--pairs-folder",
            paramLabel = "DIR",
            description = "Keeps pairs. Default: pairs in the work folder.")
    private @Nullable Path pairsFolder;

    @Option(
            names = "--figures",
            paramLabel = "DIR",
            description =
                    "Keeps the figures of every held-out clip; several trainings may share it, and"
                            + " so make the base's clips once. Default: figures in the work"
                            + " folder.")
    private @Nullable Path figures;

    @Option(
            names = "--until",
            defaultValue = "end",
            description = "Stops after pairs or training. Default: ${DEFAULT-VALUE}.")
    private String until = "end";

    /** Measures, prints and writes. */
    int run(String result, FigureFile json) throws IOException {
        var wanted = ResultRun.Result.parse(result);
        var end = ResultRun.Until.parse(until);
        if (workersEach() < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--workers must be at least 1, was " + workersEach());
        }
        Path folder = work != null ? work : Files.createTempDirectory("reelrank-align-result");
        long begin = System.nanoTime();
        ObjectNode measured =
                new ResultRun(
                                ModelFolders.rootOrShipped(models),
                                folder,
                                pairsFolder != null ? pairsFolder : folder.resolve("pairs"),
                                figures != null ? figures : folder.resolve("figures"),
                                heldOut(),
                                pairs,
                                further,
                                recipe,
                                alone,
                                new Workers(
                                        devices.stream().map(Device::parse).toList(),
                                        workersEach()),
                                end)
                        .measure(wanted, System.err::println);
        measured.put("result", result);
        measured.put("command", command(result));
        measured.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
        measured.put(
                "hardware",
                Hardware.of(
                        String.join(" and ", devices), Runtime.getRuntime().availableProcessors()));
        measured.put("commit", Hardware.commit());
        measured.put("date", Instant.now().toString());
        System.out.println(measured.toPrettyString());
        System.err.println("clips and report: " + folder);
        json.write(measured);
        return 0;
    }

    private HeldOutChoice heldOut() {
        var range = HeldOutChoice.range(Split.parse(split), from, scenes, firstSeed, seeds);
        return only.isEmpty() ? range : range.only(only);
    }

    private int workersEach() {
        if (workers != null) {
            return workers;
        }
        return devices.contains("cpu") ? Runtime.getRuntime().availableProcessors() : 1;
    }

    private String command(String result) {
        var text =
                new StringBuilder(
                        "reelrank bench align --result %s --split %s --from %d --scenes %d --seeds %d --pairs %d --further %d --devices %s --workers %d"
                                .formatted(
                                        result,
                                        split,
                                        from,
                                        scenes,
                                        seeds,
                                        pairs,
                                        further,
                                        String.join(",", devices),
                                        workersEach()));
        if (firstSeed != 1) {
            text.append(" --first-seed ").append(firstSeed);
        }
        if (!only.isEmpty()) {
            text.append(" --only ");
            text.append(only.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        recipe.forEach((key, value) -> text.append(" --recipe ").append(key + "=" + value));
        return text.toString();
    }
}
