package dev.reelrank.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.geometry.epipolar.EpipolarReport;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.epipolar.FramePair;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures whether videos show a rigid world. */
@Command(
        name = "geometry",
        mixinStandardHelpOptions = true,
        description = {
            "Measures whether the camera of a video sees a rigid world (epipolar_sampson).",
            "Lower is better. A video without camera motion or without depth has no score."
        })
final class GeometryCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "VIDEO", description = "Video files.")
    List<Path> videos = List.of();

    @Option(names = "--json", description = "As JSON, with every pair of frames.")
    boolean json;

    @Option(
            names = "--explain",
            paramLabel = "DIR",
            description = "Per video, write its worst pair of frames with epipolar lines here.")
    @Nullable Path explain;

    private final EpipolarSampson score = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);

    @Override
    public Integer call() throws IOException {
        var all = new ArrayList<ObjectNode>();
        for (Path video : videos) {
            EpipolarReport report = measure(video);
            if (explain != null) {
                explain(video, report, Files.createDirectories(explain));
            }
            if (json) {
                ObjectNode node = new ObjectMapper().valueToTree(report);
                all.add(node.put("video", video.toString()).put("metric", EpipolarSampson.NAME));
            } else {
                System.out.println(line(video, report));
            }
        }
        if (json) {
            Json.print(all);
        }
        return ExitCode.OK;
    }

    private static String line(Path video, EpipolarReport report) {
        Double score = report.score();
        return score == null
                ? "%s  no score: %s".formatted(video, report.reason())
                : "%s  %s %.3f, motion %.2f pixels per frame"
                        .formatted(video, EpipolarSampson.NAME, score, report.motion());
    }

    private EpipolarReport measure(Path video) {
        try (var reader = VideoReader.open(video)) {
            return score.measure(reader.info().frames(), index -> frame(reader, index));
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
            frames.put(pair.first(), frame(reader, pair.first()));
            frames.put(pair.second(), frame(reader, pair.second()));
        }
        score.picture(
                        Objects.requireNonNull(frames.get(pair.first())),
                        Objects.requireNonNull(frames.get(pair.second())))
                .ifPresent(
                        picture ->
                                Images.writePng(
                                        folder.resolve(
                                                "%s-%d-%d.png"
                                                        .formatted(
                                                                video.getFileName(),
                                                                pair.first(),
                                                                pair.second())),
                                        picture));
    }

    private static RgbImage frame(VideoReader reader, int index) {
        while (reader.position() < index) {
            reader.skip();
        }
        return Objects.requireNonNull(reader.next(), "the reader has as many frames as it says");
    }
}
