package dev.reelrank.cli;

import dev.reelrank.alignment.pairs.GroupsFile;
import dev.reelrank.alignment.pairs.JitterPairs;
import dev.reelrank.alignment.pairs.JudgedSample;
import dev.reelrank.alignment.pairs.MetricPairs;
import dev.reelrank.alignment.pairs.PairSelection;
import dev.reelrank.alignment.pairs.PairSource;
import dev.reelrank.alignment.pairs.SelectionPairs;
import dev.reelrank.client.Session;
import dev.reelrank.generator.FrameJitter;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where preference pairs come from: options of every command that draws them. */
final class PairSources {
    private static final String METRIC = "metric:";
    private static final String IMG2IMG = "jitter:img2img";
    private static final String SOURCES =
            "ranking, selections, metric:NAME, jitter:noise or jitter:img2img";
    private static final double JITTER = 0.15;

    @Option(
            names = "--run",
            paramLabel = "ID",
            arity = "1..*",
            description = "Draw from the candidates of these runs.")
    List<String> runs = new ArrayList<>();

    @Option(
            names = "--groups",
            paramLabel = "FILE",
            description =
                    "Draw from VideoGPA's groups instead: a JSON document with prompts, videos and their scores.")
    @Nullable Path groups;

    @Option(
            names = "--by",
            paramLabel = "SOURCE",
            description =
                    "What decides which video is better: ranking (best against worst composite), selections (what people chose), metric:NAME (a score of the ranking, or warping_error, frame_difference or motion, measured on the video), jitter:noise (a candidate against itself with flicker), or jitter:img2img (against itself with every frame generated again).")
    @Nullable String by;

    @Option(
            names = "--gap",
            paramLabel = "N",
            description =
                    "With ranking and metric: smallest difference between the two scores that makes a pair. Default: 0.02; with --groups 0.05, as in VideoGPA.")
    @Nullable Double gap;

    @Option(
            names = "--per-sample",
            paramLabel = "N",
            description =
                    "With ranking and metric: the best candidate against up to N of the worst ones. Default: 1.")
    int perSample = 1;

    @Option(
            names = "--lower-is-better",
            description =
                    "With metric: a smaller value is better. Always so with the geometry scores.")
    boolean lowerIsBetter;

    @Option(
            names = "--winner-bound",
            paramLabel = "N",
            description = "With metric: the worst value that a winner may have.")
    @Nullable Double winnerBound;

    @Option(
            names = "--min-motion",
            paramLabel = "N",
            description =
                    "With metric and --groups: how much both videos must move. Of groups their motion_norm; of runs the mean optical flow in pixels from frame to frame, which is measured.")
    @Nullable Double minimumMotion;

    @Option(
            names = "--jitter-strength",
            paramLabel = "N",
            description =
                    "With jitter: strength of the flicker, above 0 and at most 1; with jitter:img2img the share of the steps that are computed again. Default: 0.15, as in Video-DPO.")
    double jitterStrength = JITTER;

    /** Whether anything is to be drawn. */
    boolean given() {
        return by != null || groups != null || !runs.isEmpty();
    }

    /**
     * Draws the pairs.
     *
     * @param session of the farm that has the runs; the videos of new pairs go into its store
     * @param models where the generator is, for jitter:img2img
     */
    PairSelection draw(Session session, ModelOptions models) {
        if (runs.isEmpty() == (groups == null)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "pairs are drawn from --run ID (repeatable) or from --groups FILE; name one of the two");
        }
        List<JudgedSample> samples =
                groups == null
                        ? JudgedSamples.of(session, runs, measuring(session.store()))
                        : GroupsFile.read(groups, "groups", session.store()::putBlob);
        if (IMG2IMG.equals(by)) {
            return jittered(session.store(), models, samples);
        }
        return PairSelection.draw(source(session.store()), samples);
    }

    /** The generator is loaded for as long as pairs are drawn. */
    private PairSelection jittered(
            ResultStore store, ModelOptions models, List<JudgedSample> samples) {
        var device = Device.parse(Devices.of(null).get(0));
        try (var jitter = new FrameJitter(models.folders(), () -> store, device, jitterStrength)) {
            var spoilt =
                    new SpoiltVideos(
                            store,
                            (sample, clean, seed) ->
                                    jitter.spoil(
                                            sample.configuration(), sample.prompt(), clean, seed));
            return PairSelection.draw(new JitterPairs("img2img", jitterStrength, spoilt), samples);
        }
    }

    /** Motion and the figures of frames are in no fact: they are measured where they are needed. */
    private Function<BlobRef, Map<String, Double>> measuring(ResultStore store) {
        boolean needed =
                minimumMotion != null
                        || (by != null
                                && by.startsWith(METRIC)
                                && MeasuredVideos.FIGURES.contains(by.substring(METRIC.length())));
        return needed ? new MeasuredVideos(store)::of : video -> Map.of();
    }

    /** Of all these lower is better, whatever was said. */
    private static boolean isGeometry(String metric) {
        return RankingConfig.GEOMETRY_SCORES.contains(metric);
    }

    /** A document of groups has no rankings and no other metric. */
    private void requireOfGroups(String wanted) {
        boolean other =
                wanted.equals("ranking")
                        || wanted.equals("selections")
                        || (wanted.startsWith(METRIC)
                                && !wanted.equals(METRIC + GroupsFile.CONSISTENCY));
        if (groups != null && other) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--by %s does not go with --groups, whose videos have %s alone; leave --by out"
                            .formatted(wanted, GroupsFile.CONSISTENCY));
        }
        if (minimumMotion != null && !(minimumMotion >= 0)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--min-motion must be at least 0, was " + minimumMotion);
        }
    }

    private PairSource source(ResultStore store) {
        String wanted = by == null && groups != null ? METRIC + GroupsFile.CONSISTENCY : by;
        if (wanted == null) {
            throw new StageException(FailureCode.INVALID_CONFIG, "--by is missing: " + SOURCES);
        }
        requireOfGroups(wanted);
        if (wanted.equals("ranking")) {
            return MetricPairs.ranking(gap == null ? 0.02 : gap).perSample(perSample);
        }
        if (wanted.equals("selections")) {
            return new SelectionPairs();
        }
        if (wanted.equals(METRIC + GroupsFile.CONSISTENCY) && groups != null) {
            var rule = GroupsFile.rule();
            return new MetricPairs(
                            new MetricPairs.Rule(
                                    rule.metric(),
                                    false,
                                    gap == null ? rule.minimumGap() : gap,
                                    winnerBound,
                                    minimumMotion == null ? rule.minimumMotion() : minimumMotion))
                    .perSample(perSample);
        }
        if (wanted.startsWith(METRIC)) {
            return new MetricPairs(
                            new MetricPairs.Rule(
                                    wanted.substring(METRIC.length()),
                                    !lowerIsBetter
                                            && !isGeometry(wanted.substring(METRIC.length())),
                                    gap == null ? 0.02 : gap,
                                    winnerBound,
                                    minimumMotion))
                    .perSample(perSample);
        }
        if (wanted.equals("jitter:noise")) {
            return new JitterPairs(
                    "noise",
                    jitterStrength,
                    new SpoiltVideos(store, SpoiltVideos.noise(jitterStrength)));
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "unknown source of pairs '%s'; use %s".formatted(wanted, SOURCES));
    }
}
