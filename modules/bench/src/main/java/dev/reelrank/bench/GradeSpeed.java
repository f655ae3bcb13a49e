package dev.reelrank.bench;

import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The time and memory of one chunk of videos, loading and decoding included. */
final class GradeSpeed {
    private final GradeStage stage;
    private final int cores;

    GradeSpeed(GradeStage stage, int cores) {
        this.stage = stage;
        this.cores = cores;
    }

    /**
     * @param secondsPerVideo of the whole chunk, divided by its videos
     * @param phases of the chunk
     */
    record FigureFile(
            String size,
            int frames,
            int videos,
            int threads,
            double secondsPerVideo,
            List<GradeResult.PhaseMemory> phases) {
        String text() {
            var text = new StringBuilder();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%d videos of %d frames at %s, %d threads: %.2f s per video%n",
                            videos,
                            frames,
                            size,
                            threads,
                            secondsPerVideo));
            phases.forEach(
                    p ->
                            text.append(
                                    String.format(
                                            Locale.ROOT,
                                            "  %-11s loaded in %.2f s, ran %.2f s, peak %d MiB%n",
                                            p.phase(),
                                            p.loadMillis() / 1e3,
                                            p.runMillis() / 1e3,
                                            p.peakMib())));
            return text.toString();
        }
    }

    FigureFile run(int width, int height, int frames, int videos) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-bench-grade");
        var files = new ArrayList<VideoFile>();
        try {
            for (int i = 0; i < videos; i++) {
                var scene = SceneMaker.scene(Split.TEST.seed(i));
                List<RgbImage> pictures =
                        Renderer.render(scene, frames).frames().stream()
                                .map(f -> enlarged(f, width, height))
                                .toList();
                Path video = folder.resolve(i + ".mp4");
                VideoWriter.write(video, pictures, VideoSettings.h264(16));
                files.add(new VideoFile(Prompts.verbose(scene, 0), null, pictures.get(0), video));
            }
            long begin = System.nanoTime();
            var graded =
                    stage.gradeFiles(
                            files,
                            EnumSet.allOf(PhaseName.class),
                            GradeConfig.defaults(),
                            null,
                            cores);
            double seconds = (System.nanoTime() - begin) / 1e9;
            return new FigureFile(
                    width + "x" + height,
                    frames,
                    videos,
                    cores,
                    seconds / videos,
                    Objects.requireNonNull(graded.get(0).result()).phases());
        } finally {
            for (VideoFile f : files) {
                Files.deleteIfExists(f.video());
            }
            Files.deleteIfExists(folder);
        }
    }

    /** Nearest pixels: only the amount of work matters here. */
    private static RgbImage enlarged(RgbImage frame, int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    rgb[(y * width + x) * 3 + c] =
                            (byte)
                                    frame.at(
                                            x * frame.width() / width,
                                            y * frame.height() / height,
                                            c);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
