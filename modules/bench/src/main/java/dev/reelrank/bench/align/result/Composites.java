package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The reranker's opinion of candidates, which pass through files as in the pipeline. */
final class Composites implements AutoCloseable {
    private static final double FPS = 8;

    private final RankingStage stage;
    private final Path scratch;

    /**
     * @param scratch an existing folder for videos
     */
    Composites(Path models, Path scratch, int threads) {
        this.scratch = scratch;
        stage =
                new RankingStage(
                        ModelFolders.of(models), FileFingerprints.ofUser(), Device.CPU, threads);
        stage.load(stage.loadKey(config()), Device.CPU);
    }

    /** As it ships, without the picture that explains a choice. */
    private static RankingConfig config() {
        return RankingConfig.defaults().withExplain(false);
    }

    /**
     * What was ranked.
     *
     * @param clips as they were decoded again
     * @param composites one per clip
     */
    record Ranked(List<List<RgbImage>> clips, List<Double> composites) {}

    Ranked rank(SceneSample sample, List<List<RgbImage>> clips) {
        var files = new ArrayList<Path>();
        var decoded = new ArrayList<List<RgbImage>>();
        for (int i = 0; i < clips.size(); i++) {
            Path file = scratch.resolve("candidate-" + i + ".mp4");
            VideoWriter.write(file, clips.get(i), VideoSettings.h264(FPS));
            files.add(file);
            decoded.add(VideoReader.readAll(file));
        }
        var report =
                stage.rankFiles(
                        sample.truth().clip().frames().get(0),
                        sample.prompt(),
                        null,
                        files,
                        IntStream.range(0, clips.size()).toArray(),
                        config(),
                        (done, of) -> {});
        return new Ranked(decoded, report.candidates().stream().map(c -> c.composite()).toList());
    }

    @Override
    public void close() {
        stage.unload();
    }
}
