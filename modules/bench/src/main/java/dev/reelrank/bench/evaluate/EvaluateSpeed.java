package dev.reelrank.bench.evaluate;

import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluator.EvaluateStage;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** How long a chunk of videos takes, loading included. */
final class EvaluateSpeed {
    private final EvaluateStage stage;
    private final int cores;

    EvaluateSpeed(EvaluateStage stage, int cores) {
        this.stage = stage;
        this.cores = cores;
    }

    /**
     * What it took.
     *
     * @param secondsPerVideo of the whole chunk, divided by its videos
     * @param measured metrics that were measured
     * @param notMeasured the others
     */
    record Speed(
            String size,
            int frames,
            int videos,
            int threads,
            double secondsPerVideo,
            List<String> measured,
            List<String> notMeasured) {
        String text() {
            return String.format(
                    Locale.ROOT,
                    "%d videos of %d frames at %s, %d threads: %.2f s per video; measured %s, not"
                            + " %s%n",
                    videos,
                    frames,
                    size,
                    threads,
                    secondsPerVideo,
                    measured,
                    notMeasured);
        }
    }

    Speed run(int width, int height, int frames, int videos) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-bench-evaluate");
        var clips = new ArrayList<Clip>();
        try {
            for (int i = 0; i < videos; i++) {
                var scene = SceneMaker.scene(Split.TEST.seed(i));
                List<RgbImage> pictures =
                        Renderer.render(scene, frames).frames().stream()
                                .map(f -> enlarged(f, width, height))
                                .toList();
                Path video = folder.resolve(i + ".mp4");
                VideoWriter.write(video, pictures, VideoSettings.h264(16));
                clips.add(new Clip(Prompts.verbose(scene, 0), null, pictures.get(0), video));
            }
            long begin = System.nanoTime();
            var all = stage.evaluateFiles(clips, EvaluateConfig.defaults(), cores);
            double seconds = (System.nanoTime() - begin) / 1e9;
            var first = new TreeMap<>(all.get(0).measurements());
            return new Speed(
                    width + "x" + height,
                    frames,
                    videos,
                    cores,
                    seconds / videos,
                    names(first, true),
                    names(first, false));
        } finally {
            for (Clip clip : clips) {
                Files.deleteIfExists(clip.video());
            }
            Files.deleteIfExists(folder);
        }
    }

    private static List<String> names(Map<String, Measurement> figures, boolean measured) {
        return figures.entrySet().stream()
                .filter(e -> (e.getValue().value() != null) == measured)
                .map(Map.Entry::getKey)
                .toList();
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
