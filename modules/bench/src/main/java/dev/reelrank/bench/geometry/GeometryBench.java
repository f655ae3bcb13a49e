package dev.reelrank.bench.geometry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.geometry.vggt.Vggt;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the geometry scores: how long they take, or with {@code --result noticing} which faults
 * of rendered rooms they notice, or with {@code truth} what VGGT itself knows of rooms. {@code
 * peers/peer_vggt.py} runs the original code.
 */
@Command(
        name = "geometry",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures the speed of the geometry scores, or what they notice.")
public final class GeometryBench implements Callable<Integer> {
    private static final String NOTICING = "noticing";
    private static final String LEARNING = "learning";
    private static final String TRUTH = "truth";

    @Option(
            names = "--result",
            paramLabel = "NAME",
            description =
                    "noticing: how often the scores tell a clean clip of a room from the same clip"
                            + " with a fault; learning: whether a generator of rooms that learns from"
                            + " pairs by geometry keeps the world more rigid; truth: how far VGGT's"
                            + " cameras and depths are from the true ones of rooms.")
    private @Nullable String result;

    @Option(
            names = "--random-weights",
            description = "Speed of VGGT-1B and LPIPS with random weights.")
    private boolean randomWeights;

    @Option(
            names = "--scenes",
            paramLabel = "N",
            defaultValue = "100",
            description = "Of --result. Default: ${DEFAULT-VALUE}.")
    private int scenes = 100;

    @Option(
            names = "--from",
            paramLabel = "INDEX",
            defaultValue = "0",
            description = "First scene of --result, to divide the work. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(
            names = "--split",
            defaultValue = "test",
            description = "Of --result: train, validation or test. Default: ${DEFAULT-VALUE}.")
    private String split = "test";

    @Option(
            names = "--again",
            paramLabel = "FILE",
            split = ",",
            description = "Sum up earlier --json files of --result that are parts of one run.")
    private List<Path> again = List.of();

    @Option(
            names = "--repeat",
            defaultValue = "3",
            description = "Runs after a first one; the fastest counts. Default: ${DEFAULT-VALUE}.")
    private int repeat = 3;

    @Mixin private final FigureFile json = new FigureFile();

    @Mixin private final LocalOptions local = new LocalOptions();

    @Mixin private final LearningOptions learning = new LearningOptions();

    @Override
    public Integer call() throws IOException {
        local.threads().ifPresent(TorchRuntime::threads);
        if (scenes < 1 || from < 0 || repeat < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--scenes %d, --from %d, --repeat %d: there must be at least one scene and one run, from 0 on"
                            .formatted(scenes, from, repeat));
        }
        Device device = local.device(TorchRuntime::cudaAvailable);
        if (result != null) {
            if (result.equals(LEARNING)) {
                ObjectNode figures = learning(device);
                System.out.println(figures.toPrettyString());
                json.write(figures);
                return 0;
            }
            if (result.equals(TRUTH)) {
                VggtTruth.Figures figures = truth(device);
                System.out.println(figures.text());
                json.write(figures);
                return 0;
            }
            if (!result.equals(NOTICING)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "no result '%s'; use %s, %s or %s"
                                .formatted(result, NOTICING, LEARNING, TRUTH));
            }
            RoomTable table = again.isEmpty() ? noticing(device) : sum();
            System.out.println(table.table());
            json.write(table);
            return 0;
        }
        GeometrySpeed.Figures figures;
        if (randomWeights) {
            figures = GeometrySpeed.random(device, TorchRuntime.threads(), repeat);
        } else {
            boolean epipolarAlone = local.models().find(ModelName.VGGT).isEmpty();
            try (var score = epipolarAlone ? null : score(device)) {
                figures = GeometrySpeed.here(score, device, local.cores(), repeat);
            }
        }
        System.out.println(figures.text());
        json.write(figures);
        return 0;
    }

    private GeometryVggt score(Device device) {
        return GeometryVggt.load(
                local.models().folder(ModelName.VGGT),
                local.models().find(ModelName.LPIPS).orElse(null),
                device);
    }

    private ObjectNode learning(Device device) throws IOException {
        try (var score = local.models().find(ModelName.VGGT).isEmpty() ? null : score(device)) {
            ObjectNode figures = learning.run(score, scenes);
            figures.put("what", "bench geometry --result learning --json FILE");
            return figures;
        }
    }

    private VggtTruth.Figures truth(Device device) {
        try (var vggt = Vggt.load(local.models().folder(ModelName.VGGT), device)) {
            return new VggtTruth(vggt).figures(Split.parse(split), from, scenes);
        }
    }

    private RoomTable noticing(Device device) throws IOException {
        try (var score = local.models().find(ModelName.VGGT).isEmpty() ? null : score(device)) {
            String metric = score == null ? null : score.metric();
            var cases =
                    new NoticingRun(
                                    new RoomNoticing(score),
                                    Split.parse(split),
                                    learning.workers().orElseGet(local::cores),
                                    learning.work()
                                            .map(w -> w.resolve("noticing" + suffix(metric)))
                                            .orElse(null),
                                    System.err::println)
                            .cases(from, scenes);
            return RoomTable.of(command(), metric, split, cases);
        }
    }

    /** Rooms that were looked at without a network do not count as looked at with one. */
    private static String suffix(@Nullable String metric) {
        return metric == null ? "" : "-" + metric;
    }

    private static StageException noPart(Path file, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "--again names %s, in which there are no rooms: give --json files of --result noticing"
                        .formatted(file),
                cause);
    }

    private RoomTable sum() throws IOException {
        List<RoomCase> cases = new ArrayList<>();
        String metric = null;
        for (Path part : FigureFile.earlier(again)) {
            try {
                var node = new ObjectMapper().readTree(part.toFile());
                metric = node.path("metric").textValue();
                for (var one : node.path("cases")) {
                    cases.add(new ObjectMapper().treeToValue(one, RoomCase.class));
                }
            } catch (JsonProcessingException e) {
                throw noPart(part, e);
            }
        }
        if (cases.isEmpty()) {
            throw noPart(again.get(0), null);
        }
        return RoomTable.of(command(), metric, split, cases);
    }

    private String command() {
        return "bench geometry --result noticing --split %s --json FILE".formatted(split);
    }
}
