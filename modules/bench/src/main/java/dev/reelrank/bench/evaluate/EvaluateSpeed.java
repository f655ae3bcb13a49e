package dev.reelrank.bench.evaluate;

import dev.reelrank.bench.Hardware;
import dev.reelrank.bench.TimedVideos;
import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluator.EvaluateStage;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** How long a chunk of videos takes, loading included. */
final class EvaluateSpeed {
    /** On two CPU cores with small weights. */
    private static final double GOAL_SECONDS = 4;

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
     * @param missed goals for two CPU cores and small weights that were not reached
     */
    record Speed(
            String command,
            String commit,
            String hardware,
            String size,
            int frames,
            int videos,
            int threads,
            double secondsPerVideo,
            List<String> measured,
            List<String> notMeasured,
            List<String> missed) {
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
        try (var timed = new TimedVideos(videos, width, height, frames)) {
            var clips =
                    timed.all().stream()
                            .map(v -> new Clip(v.prompt(), null, v.reference(), v.file()))
                            .toList();
            long begin = System.nanoTime();
            var all = stage.evaluateFiles(clips, EvaluateConfig.defaults(), cores);
            double seconds = (System.nanoTime() - begin) / 1e9;
            var first = new TreeMap<>(all.get(0).measurements());
            var missed = new ArrayList<String>();
            if (seconds / videos > GOAL_SECONDS) {
                missed.add("at most %.0f s per video".formatted(GOAL_SECONDS));
            }
            return new Speed(
                    "reelrank bench evaluate --size %dx%d --frames %d --videos %d"
                            .formatted(width, height, frames, videos),
                    Hardware.commit(),
                    Hardware.cores(),
                    width + "x" + height,
                    frames,
                    videos,
                    cores,
                    seconds / videos,
                    names(first, true),
                    names(first, false),
                    missed);
        }
    }

    private static List<String> names(Map<String, Measurement> figures, boolean measured) {
        return figures.entrySet().stream()
                .filter(e -> (e.getValue().value() != null) == measured)
                .map(Map.Entry::getKey)
                .toList();
    }
}
