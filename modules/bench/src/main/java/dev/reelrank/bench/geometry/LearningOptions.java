package dev.reelrank.bench.geometry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.Hardware;
import dev.reelrank.bench.align.result.ResultRun;
import dev.reelrank.bench.align.result.RoomLearning;
import dev.reelrank.bench.align.result.Workers;
import dev.reelrank.geometry.epipolar.EpipolarThreads;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code --result learning}, two of which {@code noticing} shares. */
final class LearningOptions {
    @Option(
            names = "--rooms",
            paramLabel = "DIR",
            defaultValue = "models/testbed/rooms",
            description =
                    "Of --result learning: folder with wan, the generator of rooms. Default:"
                            + " ${DEFAULT-VALUE}.")
    private Path rooms = Path.of("models/testbed/rooms");

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description =
                    "Of --result: keeps what is done, so that the same command goes on there; of"
                            + " learning pairs, adapter, figures and report, which go to a temporary"
                            + " folder otherwise.")
    private @Nullable Path work;

    @Option(
            names = "--by",
            paramLabel = "SCORE",
            description =
                    "Of learning: the score that chooses pairs, epipolar_sampson (default) or, with"
                            + " vggt among the models, geometry_vggt_mse.")
    private @Nullable String by;

    @Option(
            names = "--gap",
            defaultValue = "0.25",
            description =
                    "Of learning: by how much the loser's score is higher at least, as a share of"
                            + " the winner's. Default: ${DEFAULT-VALUE}.")
    private double gap = 0.25;

    @Option(
            names = "--prompts",
            defaultValue = "600",
            description = "Of learning: train prompts at most. Default: ${DEFAULT-VALUE}.")
    private int prompts = 600;

    @Option(
            names = "--candidates",
            defaultValue = "4",
            description = "Of learning: per train prompt. Default: ${DEFAULT-VALUE}.")
    private int candidates = 4;

    @Option(
            names = "--pairs",
            defaultValue = "256",
            description = "Of learning: to train on at most. Default: ${DEFAULT-VALUE}.")
    private int pairs = 256;

    @Option(
            names = "--seeds",
            defaultValue = "4",
            description = "Of learning: of each held-out prompt. Default: ${DEFAULT-VALUE}.")
    private int seeds = 4;

    @Option(
            names = "--final",
            description =
                    "Of learning: compare on prompts of the test split, once; else on those of the"
                            + " validation split.")
    private boolean test;

    @Option(
            names = "--recipe",
            paramLabel = "KEY=VALUE",
            description =
                    "Of learning: changes the recipe, as in bench align; can be repeated. The one"
                            + " network is named high.")
    private Map<String, String> recipe = new LinkedHashMap<>();

    @Option(
            names = "--devices",
            split = ",",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description =
                    "Of learning: where clips and trainings are computed, for example"
                            + " cuda:0,cuda:1. Default: ${DEFAULT-VALUE}.")
    private List<String> devices = List.of("cpu");

    @Option(
            names = "--workers",
            description =
                    "Of --result: threads, of learning per device and with models of their own."
                            + " Default: as many as there are cores for each device.")
    private @Nullable Integer workers;

    @Option(
            names = "--until",
            defaultValue = "end",
            description = "Of learning: stops after pairs or training. Default: ${DEFAULT-VALUE}.")
    private String until = "end";

    /** The folder of {@code --work}, if there is one. */
    Optional<Path> work() {
        return Optional.ofNullable(work);
    }

    /**
     * The number of {@code --workers}, if it was given.
     *
     * @throws StageException INVALID_CONFIG below 1
     */
    Optional<Integer> workers() {
        if (workers != null && workers < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--workers must be at least 1, was " + workers);
        }
        return Optional.ofNullable(workers);
    }

    ObjectNode run(@Nullable GeometryVggt vggt, int scenes) throws IOException {
        Path folder = work != null ? work : Files.createTempDirectory("reelrank-rooms");
        long begin = System.nanoTime();
        int cores = Runtime.getRuntime().availableProcessors();
        int each = workers().orElseGet(() -> Math.max(1, cores / devices.size()));
        // With several workers OpenCV's own threads are in the way.
        EpipolarThreads.one();
        var places = devices.stream().map(Device::parse).toList();
        ObjectNode measured =
                new RoomLearning(
                                rooms,
                                vggt,
                                by,
                                gap,
                                folder,
                                prompts,
                                candidates,
                                pairs,
                                test ? Split.TEST : Split.VALIDATION,
                                scenes,
                                seeds,
                                recipe,
                                new Workers(places, each),
                                ResultRun.Until.parse(until))
                        .measure(System.err::println);
        measured.put("result", "learning");
        measured.put("split", test ? "test" : "validation");
        measured.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
        measured.put("hardware", Hardware.of(String.join(" and ", devices), cores));
        System.err.println("clips and report: " + folder);
        return measured;
    }
}
