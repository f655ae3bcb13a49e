package dev.reelrank.bench.evaluate;

import dev.reelrank.bench.Hardware;
import dev.reelrank.evaluation.Evaluated;
import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluation.metric.Direction;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluator.EvaluateStage;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Renders scenes, corrupts each, and counts for which the metrics get worse. */
final class MetricNoticing {
    private static final int FRAMES = 17;
    private static final double FPS = 16;
    private static final double GOAL = 0.95;

    /** Scenes of one chunk: they share each loading of the models. */
    private static final int ROUND = 10;

    /** Which metric is meant to see what. Direction and place are seen by grading, not by these. */
    private static final Map<Corruption, String> MEANT =
            Map.of(
                    Corruption.FLICKER, "temporal_flickering",
                    Corruption.FREEZE, "motion",
                    Corruption.COLOUR_DRIFT, "identity_dinov3_min",
                    Corruption.IDENTITY_SWAP, "subject_consistency_dinov3",
                    Corruption.WRONG_SUBJECT, "identity_dinov3",
                    Corruption.GHOST, "identity_dinov3");

    private final EvaluateStage stage;
    private final int cores;

    MetricNoticing(EvaluateStage stage, int cores) {
        this.stage = stage;
        this.cores = cores;
    }

    /**
     * What was seen.
     *
     * @param scenes how many
     * @param worse by corruption and metric: share of the scenes in which the corrupted clip is
     *     worse, 0..1
     * @param meant by corruption: the metric that is meant to see it
     * @param missed corruptions whose metric sees fewer than 95 %
     */
    record Seen(
            String command,
            String commit,
            String hardware,
            int scenes,
            Map<String, Map<String, Double>> worse,
            Map<String, String> meant,
            List<String> missed) {
        String text() {
            var text = new StringBuilder();
            worse.forEach(
                    (corruption, metrics) -> {
                        text.append(corruption).append('\n');
                        metrics.forEach(
                                (metric, share) ->
                                        text.append(
                                                String.format(
                                                        Locale.ROOT,
                                                        "  %-30s %5.1f %%%s%n",
                                                        metric,
                                                        100 * share,
                                                        metric.equals(meant.get(corruption))
                                                                ? "  meant"
                                                                : "")));
                    });
            return text.append("missed: ").append(missed).append('\n').toString();
        }
    }

    Seen run(int scenes) throws IOException {
        var worse = new LinkedHashMap<String, Map<String, Double>>();
        for (int from = 0; from < scenes; from += ROUND) {
            round(from, Math.min(scenes, from + ROUND), worse);
            System.err.printf("%d of %d scenes%n", Math.min(scenes, from + ROUND), scenes);
        }
        worse.values().forEach(m -> m.replaceAll((metric, count) -> count / scenes));
        var meant = new LinkedHashMap<String, String>();
        var missed = new ArrayList<String>();
        for (Corruption corruption : corruptions()) {
            String metric = MEANT.get(corruption);
            if (metric != null) {
                meant.put(corruption.name(), metric);
                double share =
                        worse.getOrDefault(corruption.name(), Map.of()).getOrDefault(metric, 0.0);
                if (share < GOAL) {
                    missed.add(corruption.name());
                }
            }
        }
        return new Seen(
                "reelrank bench evaluate --noticing " + scenes,
                Hardware.commit(),
                Hardware.cores(),
                scenes,
                worse,
                meant,
                missed);
    }

    private static List<Corruption> corruptions() {
        return List.of(Corruption.values()).stream().filter(MEANT::containsKey).toList();
    }

    private void round(int from, int to, Map<String, Map<String, Double>> worse)
            throws IOException {
        Path folder = Files.createTempDirectory("reelrank-bench-evaluate");
        var clips = new ArrayList<Clip>();
        try {
            for (int i = from; i < to; i++) {
                Scene scene = SceneMaker.scene(Split.TEST.seed(i));
                clips.add(clip(folder, scene, i, "clean", Renderer.render(scene, FRAMES)));
                float strength = .3f + .3f * (i % 4) / 3;
                for (Corruption c : corruptions()) {
                    var made = Corrupted.make(scene, c, FRAMES, strength).clip();
                    clips.add(clip(folder, scene, i, c.name(), made));
                }
            }
            var all = stage.evaluateFiles(clips, EvaluateConfig.defaults(), cores);
            int each = 1 + corruptions().size();
            for (int i = 0; i < to - from; i++) {
                for (int k = 1; k < each; k++) {
                    count(
                            all.get(i * each),
                            all.get(i * each + k),
                            worse.computeIfAbsent(
                                    corruptions().get(k - 1).name(), c -> new LinkedHashMap<>()));
                }
            }
        } finally {
            for (Clip clip : clips) {
                Files.deleteIfExists(clip.video());
            }
            Files.deleteIfExists(folder);
        }
    }

    private static void count(Evaluated clean, Evaluated corrupted, Map<String, Double> worse) {
        for (String metric : Metrics.names()) {
            var before = clean.measurements().get(metric);
            var after = corrupted.measurements().get(metric);
            Double first = before == null ? null : before.value();
            Double second = after == null ? null : after.value();
            if (first != null && second != null) {
                boolean lower = Metrics.of(metric).direction() == Direction.LOWER;
                worse.merge(
                        metric, (lower ? second > first : second < first) ? 1.0 : 0.0, Double::sum);
            }
        }
    }

    private static Clip clip(
            Path folder, Scene scene, int index, String name, dev.reelrank.testbed.Clip frames) {
        Path video = folder.resolve(index + "-" + name + ".mp4");
        VideoWriter.write(video, frames.frames(), VideoSettings.h264(FPS));
        return new Clip(Prompts.verbose(scene, index % 4), null, Renderer.still(scene), video);
    }
}
