package dev.reelrank.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten of the clips that {@code bench rank --ghosting 200} judges, with the models that ship. */
class GhostingIT {
    @TempDir Path folder;

    @Test
    void shouldRankTheCleanClipBeforeItsGhostWithTheDefaultWeights() throws IOException {
        var models = ModelFolders.of(Path.of("../../models/testbed"));
        try (var stage = new RankingStage(models, new FileFingerprints(folder), Device.CPU, 2)) {
            stage.load(stage.loadKey(RankingConfig.defaults()), Device.CPU);

            var judgement = new Ghosting(stage, RankSpeed.shipped()).run("test", 0, 10);

            assertThat(judgement.cases()).hasSize(10);
            assertThat(judgement.masksUsed()).isGreaterThanOrEqualTo(0.9);
            assertThat(judgement.cleanFirst().get("composite")).isGreaterThanOrEqualTo(0.95);
            assertThat(judgement.choiceClean()).isGreaterThanOrEqualTo(0.95);
        }
    }
}
