package dev.reelrank.cli;

import dev.reelrank.alignment.pairs.GroupsFile;
import dev.reelrank.alignment.pairs.JitterPairs;
import dev.reelrank.alignment.pairs.JudgedSample;
import dev.reelrank.alignment.pairs.MetricPairs;
import dev.reelrank.alignment.pairs.PairSelection;
import dev.reelrank.alignment.pairs.PairSource;
import dev.reelrank.alignment.pairs.SelectionPairs;
import dev.reelrank.client.Session;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where preference pairs come from: options of every command that draws them. */
final class PairSources {
    private static final String METRIC = "metric:";
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
                    "What decides which video is better: ranking (best against worst composite), selections (what people chose), metric:NAME (a score of the ranking), or jitter:noise (a candidate against itself with flicker).")
    @Nullable String by;

    @Option(
            names = "--gap",
            paramLabel = "N",
            description =
                    "With ranking and metric: smallest difference between the two scores that makes a pair. Default: 0.02; with --groups 0.05, as in VideoGPA.")
    @Nullable Double gap;

    @Option(names = "--lower-is-better", description = "With metric: a smaller value is better.")
    boolean lowerIsBetter;

    @Option(
            names = "--winner-bound",
            paramLabel = "N",
            description = "With metric: the worst value that a winner may have.")
    @Nullable Double winnerBound;

    @Option(
            names = "--min-motion",
            paramLabel = "N",
            description = "With metric and --groups: the motion_norm that both videos must reach.")
    @Nullable Double minimumMotion;

    @Option(
            names = "--jitter-strength",
            paramLabel = "N",
            description =
                    "With jitter:noise: strength of the flicker, above 0 and at most 1. Default: 0.15, as in Video-DPO.")
    double jitterStrength = JITTER;

    /** Whether anything is to be drawn. */
    boolean given() {
        return by != null || groups != null || !runs.isEmpty();
    }

    /**
     * Draws the pairs.
     *
     * @param session of the farm that has the runs; the videos of new pairs go into its store
     */
    PairSelection draw(Session session) {
        if (runs.isEmpty() == (groups == null)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "pairs are drawn from --run ID (repeatable) or from --groups FILE; name one of the two");
        }
        List<JudgedSample> samples =
                groups == null
                        ? JudgedSamples.of(session, runs)
                        : GroupsFile.read(
                                groups,
                                "groups",
                                file -> session.store().putBlob(file, "video/mp4"));
        return PairSelection.draw(source(session.store()), samples);
    }

    private PairSource source(ResultStore store) {
        String wanted = by == null && groups != null ? METRIC + GroupsFile.CONSISTENCY : by;
        if (wanted == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--by is missing: ranking, selections, metric:NAME or jitter:noise");
        }
        if (wanted.equals("ranking")) {
            return MetricPairs.ranking(gap == null ? 0.02 : gap);
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
                            minimumMotion == null ? rule.minimumMotion() : minimumMotion));
        }
        if (wanted.startsWith(METRIC)) {
            return new MetricPairs(
                    new MetricPairs.Rule(
                            wanted.substring(METRIC.length()),
                            !lowerIsBetter,
                            gap == null ? 0.02 : gap,
                            winnerBound,
                            minimumMotion));
        }
        if (wanted.equals("jitter:noise")) {
            return new JitterPairs(
                    "noise", jitterStrength, new NoiseSpoiler(store, jitterStrength));
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "unknown source of pairs '%s'; use ranking, selections, metric:NAME or jitter:noise"
                        .formatted(wanted));
    }
}
