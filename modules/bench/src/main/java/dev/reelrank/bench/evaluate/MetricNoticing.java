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
import java.util.Objects;

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
    private final Split split;
    private final int cores;

    /**
     * @param split whose scenes: train to choose a metric, test to report it
     */
    MetricNoticing(EvaluateStage stage, Split split, int cores) {
        this.stage = stage;
        this.split = split;
        this.cores = cores;
    }

    /**
     * For how many pairs a metric is worse.
     *
     * @param worse pairs whose corrupted clip is worse
     * @param pairs in which both clips were measured
     */
    record Count(int worse, int pairs) {
        Count plus(Count other) {
            return new Count(worse + other.worse, pairs + other.pairs);
        }
    }

    /**
     * What was seen.
     *
     * @param scenes how many, each with a clip of every corruption
     * @param counts by corruption and metric
     * @param meant by corruption: the metric that is meant to see it
     * @param missed corruptions whose metric sees fewer than 95 % of the scenes
     */
    record Seen(
            String command,
            String commit,
            String hardware,
            String split,
            int scenes,
            Map<String, Map<String, Count>> counts,
            Map<String, String> meant,
            List<String> missed) {
        String text() {
            var text = new StringBuilder();
            counts.forEach(
                    (corruption, metrics) -> {
                        text.append(corruption).append('\n');
                        metrics.forEach(
                                (metric, count) ->
                                        text.append(
                                                String.format(
                                                        Locale.ROOT,
                                                        "  %-30s %4d of %d%s%n",
                                                        metric,
                                                        count.worse(),
                                                        count.pairs(),
                                                        metric.equals(meant.get(corruption))
                                                                ? "  meant"
                                                                : "")));
                    });
            return text.append("missed: ").append(missed).append('\n').toString();
        }
    }

    /** Measures these scenes of the split. */
    Seen run(List<Integer> scenes) throws IOException {
        var counts = new LinkedHashMap<String, Map<String, Count>>();
        for (int from = 0; from < scenes.size(); from += ROUND) {
            int to = Math.min(scenes.size(), from + ROUND);
            round(scenes.subList(from, to), counts);
            System.err.printf("%d of %d scenes%n", to, scenes.size());
        }
        return seen(split.name().toLowerCase(Locale.ROOT), scenes.size(), counts);
    }

    /**
     * Sums up.
     *
     * @param parts at least one, of one split and with scenes of their own each
     */
    static Seen of(List<Seen> parts) throws IOException {
        var counts = new LinkedHashMap<String, Map<String, Count>>();
        for (Seen part : parts) {
            part.counts.forEach(
                    (corruption, metrics) ->
                            metrics.forEach(
                                    (metric, count) -> add(counts, corruption, metric, count)));
        }
        return seen(parts.get(0).split, parts.stream().mapToInt(Seen::scenes).sum(), counts);
    }

    private static void add(
            Map<String, Map<String, Count>> counts, String corruption, String metric, Count count) {
        counts.computeIfAbsent(corruption, c -> new LinkedHashMap<>())
                .merge(metric, count, Count::plus);
    }

    private static Seen seen(String split, int scenes, Map<String, Map<String, Count>> counts)
            throws IOException {
        var meant = new LinkedHashMap<String, String>();
        var missed = new ArrayList<String>();
        for (Corruption corruption : corruptions()) {
            String metric = Objects.requireNonNull(MEANT.get(corruption));
            meant.put(corruption.name(), metric);
            int worse =
                    counts.getOrDefault(corruption.name(), Map.of())
                            .getOrDefault(metric, new Count(0, 0))
                            .worse();
            if (worse < GOAL * scenes) {
                missed.add(
                        "%s: %s sees %d of %d".formatted(corruption.name(), metric, worse, scenes));
            }
        }
        return new Seen(
                "reelrank bench evaluate --noticing %d --split %s".formatted(scenes, split),
                Hardware.commit(),
                Hardware.cores(),
                split,
                scenes,
                counts,
                meant,
                missed);
    }

    private static List<Corruption> corruptions() {
        return List.of(Corruption.values()).stream().filter(MEANT::containsKey).toList();
    }

    private void round(List<Integer> scenes, Map<String, Map<String, Count>> counts)
            throws IOException {
        Path folder = Files.createTempDirectory("reelrank-bench-evaluate");
        var clips = new ArrayList<Clip>();
        try {
            for (int i : scenes) {
                Scene scene = SceneMaker.scene(split.seed(i));
                clips.add(clip(folder, scene, i, "clean", Renderer.render(scene, FRAMES)));
                float strength = .3f + .3f * (i % 4) / 3;
                for (Corruption c : corruptions()) {
                    var made = Corrupted.make(scene, c, FRAMES, strength).clip();
                    clips.add(clip(folder, scene, i, c.name(), made));
                }
            }
            var all = stage.evaluateFiles(clips, EvaluateConfig.defaults(), cores);
            int each = 1 + corruptions().size();
            for (int i = 0; i < scenes.size(); i++) {
                for (int k = 1; k < each; k++) {
                    String corruption = corruptions().get(k - 1).name();
                    count(all.get(i * each), all.get(i * each + k))
                            .forEach((metric, one) -> add(counts, corruption, metric, one));
                }
            }
        } finally {
            for (Clip clip : clips) {
                Files.deleteIfExists(clip.video());
            }
            Files.deleteIfExists(folder);
        }
    }

    private static Map<String, Count> count(Evaluated clean, Evaluated corrupted) {
        var counts = new LinkedHashMap<String, Count>();
        for (String metric : Metrics.names()) {
            var before = clean.measurements().get(metric);
            var after = corrupted.measurements().get(metric);
            Double first = before == null ? null : before.value();
            Double second = after == null ? null : after.value();
            if (first != null && second != null) {
                boolean lower = Metrics.of(metric).direction() == Direction.LOWER;
                counts.put(metric, new Count((lower ? second > first : second < first) ? 1 : 0, 1));
            }
        }
        return counts;
    }

    private static Clip clip(
            Path folder, Scene scene, int index, String name, dev.reelrank.testbed.Clip frames) {
        Path video = folder.resolve(index + "-" + name + ".mp4");
        VideoWriter.write(video, frames.frames(), VideoSettings.h264(FPS));
        return new Clip(Prompts.verbose(scene, index % 4), null, Renderer.still(scene), video);
    }
}
