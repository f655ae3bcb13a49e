package dev.reelrank.reranker;

import dev.reelrank.pipeline.Device;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;

/** The random models that the perception module's tests use. */
final class TinyModels {
    static final Path FOLDER = Path.of("../modules/perception/src/test/resources/perception");

    private TinyModels() {}

    static RankingStage stage(Path cache) {
        return new RankingStage(
                ModelFolders.of(FOLDER), new FileFingerprints(cache), Device.CPU, 1);
    }
}
