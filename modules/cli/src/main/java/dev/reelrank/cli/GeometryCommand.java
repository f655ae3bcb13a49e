package dev.reelrank.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.geometry.epipolar.EpipolarReport;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.epipolar.FramePair;
import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.ModelCards;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures whether videos show a rigid world. */
@Command(
        name = "geometry",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures whether the camera of a video sees a rigid world: epipolar_sampson without any"
                    + " network, and geometry_vggt with VGGT, if its weights are there.",
            "Lower is better. A video without camera motion has no score."
        })
final class GeometryCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "VIDEO", description = "Video files.")
    List<Path> videos = List.of();

    @Option(
            names = "--groups",
            paramLabel = "FILE",
            description =
                    "Score the videos of VideoGPA's groups instead, and write the scores into this"
                            + " file. Videos that have a score are left alone.")
    @Nullable Path groups;

    @Option(names = "--json", description = "As JSON, with every pair of frames.")
    boolean json;

    @Option(
            names = "--explain",
            paramLabel = "DIR",
            description =
                    "Write pictures here: the worst pair of frames with epipolar lines; reprojections"
                            + " and depths; the cloud of points.")
    @Nullable Path explain;

    @Option(
            names = "--epipolar-only",
            description = "Leave out VGGT, even if its weights are there.")
    boolean epipolarOnly;

    @Mixin LocalOptions local = new LocalOptions();

    private PictureNames names = new PictureNames(List.of());
    private final EpipolarSampson epipolar = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);

    @Override
    public Integer call() throws IOException {
        if (videos.isEmpty() == (groups == null)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "name the videos to measure, or --groups FILE; one of the two");
        }
        requireFitting();
        local.threads().ifPresent(TorchRuntime::threads);
        if (groups != null) {
            try (var score = vggt()) {
                return new GeometryGroups(groups, score).run();
            }
        }
        var all = new ArrayList<ObjectNode>();
        var unreadable = new UnreadableVideos();
        var different = new LinkedHashSet<>(videos);
        names = new PictureNames(different);
        try (var score = wanted() ? vggt() : null) {
            for (Path video : different) {
                try {
                    measure(video, score, all);
                } catch (StageException e) {
                    unreadable.add(video.toString(), e);
                }
            }
        }
        if (json) {
            Json.print(all);
        }
        unreadable.throwIfAny();
        return ExitCode.OK;
    }

    private void requireFitting() {
        if (groups != null && (json || explain != null || epipolarOnly)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--json, --explain and --epipolar-only do not go with --groups, which writes scores of VGGT into its file");
        }
        if (explain != null && explain.toString().isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--explain '' names no folder; '.' is this one");
        }
        if (explain != null && Files.exists(explain) && !Files.isDirectory(explain)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--explain " + explain + " is a file; name a folder");
        }
    }

    private boolean wanted() {
        if (epipolarOnly) {
            return false;
        }
        boolean there = local.models().find(ModelName.VGGT).isPresent();
        Path root = local.models().root();
        if (!there && !Files.isDirectory(root)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "--models " + root + " is no folder; name the folder that has the models");
        }
        if (!there) {
            System.err.printf(
                    "There is no vggt in %s, so epipolar geometry alone is measured.%n", root);
        }
        return there;
    }

    private GeometryVggt vggt() {
        ModelCards.limits(local.models(), List.of(ModelName.VGGT, ModelName.LPIPS))
                .forEach((model, text) -> System.err.println("Note on " + model + ": " + text));
        return GeometryVggt.load(
                local.models().folder(ModelName.VGGT),
                local.models().find(ModelName.LPIPS).orElse(null),
                local.device(TorchRuntime::cudaAvailable));
    }

    private void measure(Path video, @Nullable GeometryVggt score, List<ObjectNode> all)
            throws IOException {
        EpipolarReport lines = epipolar(video);
        if (explain != null) {
            explain(video, lines, Files.createDirectories(explain));
        }
        GeometryReport points = score == null ? null : points(video, score);
        if (json) {
            var mapper = new ObjectMapper();
            ObjectNode node = mapper.valueToTree(lines);
            node.put("video", video.toString()).put("metric", EpipolarSampson.NAME);
            if (points != null) {
                node.set("vggt", mapper.valueToTree(points));
            }
            all.add(node);
        } else {
            System.out.println(line(video, lines));
            if (points != null) {
                System.out.println(line(video, points));
            }
        }
    }

    private GeometryReport points(Path video, GeometryVggt score) throws IOException {
        try (var reader = VideoReader.open(video)) {
            int count = reader.info().frames();
            if (explain == null) {
                return score.measure(count, reader::frame);
            }
            var explained = score.explain(count, reader::frame);
            for (var picture : explained.pictures().entrySet()) {
                Images.writePng(
                        explain.resolve("%s-%s.png".formatted(names.of(video), picture.getKey())),
                        picture.getValue());
            }
            return explained.report();
        }
    }

    private static String line(Path video, EpipolarReport report) {
        Double score = report.score();
        return score == null
                ? "%s  no %s: %s".formatted(video, EpipolarSampson.NAME, report.reason())
                : "%s  %s %.3f, %s %.3f, motion %.2f pixels per frame"
                        .formatted(
                                video,
                                EpipolarSampson.NAME,
                                score,
                                EpipolarSampson.ANCHORED,
                                report.anchored(),
                                report.motion());
    }

    private static String line(Path video, GeometryReport report) {
        Double score = report.score();
        return score == null
                ? "%s  no %s: %s".formatted(video, report.metric(), report.reason())
                : "%s  %s %.4f, mvcs %.4f, motion_norm %.4f"
                        .formatted(
                                video, report.metric(), score, report.mvcs(), report.motionNorm());
    }

    private EpipolarReport epipolar(Path video) {
        try (var reader = VideoReader.open(video)) {
            return epipolar.measure(reader.info().frames(), reader::frame);
        }
    }

    private void explain(Path video, EpipolarReport report, Path folder) {
        var worst =
                report.pairs().stream()
                        .filter(p -> p.distance() != null)
                        .max(Comparator.comparingDouble(p -> Objects.requireNonNull(p.distance())));
        if (worst.isEmpty()) {
            return;
        }
        FramePair pair = worst.get();
        Map<Integer, RgbImage> frames = new HashMap<>();
        try (var reader = VideoReader.open(video)) {
            frames.put(pair.first(), reader.frame(pair.first()));
            frames.put(pair.second(), reader.frame(pair.second()));
        }
        epipolar.picture(
                        Objects.requireNonNull(frames.get(pair.first())),
                        Objects.requireNonNull(frames.get(pair.second())))
                .ifPresent(
                        picture ->
                                Images.writePng(
                                        folder.resolve(
                                                "%s-%d-%d.png"
                                                        .formatted(
                                                                names.of(video),
                                                                pair.first(),
                                                                pair.second())),
                                        picture));
    }
}
