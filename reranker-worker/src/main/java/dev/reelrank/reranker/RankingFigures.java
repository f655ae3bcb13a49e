package dev.reelrank.reranker;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the ranking says of clips of one sample, as figures by name, for whoever compares
 * generators. Used from one thread.
 */
public final class RankingFigures implements AutoCloseable {
    /** How much the subject looks like that of the reference image, 0..1. */
    public static final String IDENTITY = "identity";

    /** What the ranking chooses by. */
    public static final String COMPOSITE = "composite";

    private final RankingStage stage;

    private RankingFigures(RankingStage stage) {
        this.stage = stage;
    }

    /**
     * Looks whether the models are there.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH
     */
    public static void check(ModelFolders folders, Device device) {
        try (var stage = new RankingStage(folders, FileFingerprints.ofUser(), device, 1)) {
            stage.fingerprint(stage.loadKey(RankingConfig.defaults()));
        }
    }

    /**
     * Loads the models.
     *
     * @param threads CPU threads of a model, at least 1
     */
    public static RankingFigures open(ModelFolders folders, Device device, int threads) {
        var stage = new RankingStage(folders, FileFingerprints.ofUser(), device, threads);
        stage.load(stage.loadKey(RankingConfig.defaults()), device);
        return new RankingFigures(stage);
    }

    /**
     * Ranks clips against each other.
     *
     * @return one map per clip, with {@link #IDENTITY} and {@link #COMPOSITE}
     */
    public List<Map<String, Double>> of(RgbImage reference, String prompt, List<Path> clips) {
        var report =
                stage.rankFiles(
                        reference,
                        prompt,
                        null,
                        clips,
                        IntStream.range(0, clips.size()).toArray(),
                        RankingConfig.defaults(),
                        (done, of) -> {});
        var all = new ArrayList<Map<String, Double>>();
        for (var candidate : report.candidates()) {
            var figures = new LinkedHashMap<String, Double>();
            figures.put(IDENTITY, candidate.measures().maskedIdentity());
            figures.put(COMPOSITE, candidate.composite());
            all.add(figures);
        }
        return all;
    }

    @Override
    public void close() {
        stage.close();
    }
}
