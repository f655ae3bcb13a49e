package dev.reelrank.reranker;

import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.perception.Sam3;
import dev.reelrank.torch.TorchRuntime;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The loaded models of the ranking stage. One thread runs them.
 *
 * @param dinov3 says how alike two pictures are
 * @param sam3 finds the subject
 * @param vggt finds cameras and points; null where no score needs it
 */
record RankingModels(Dinov3 dinov3, Sam3 sam3, @Nullable GeometryVggt vggt)
        implements AutoCloseable {
    static RankingModels load(RankingKey key, PerceptionSettings settings) {
        var tokens = Dinov3.load(key.dinov3(), settings);
        try {
            var finder = Sam3.load(key.sam3(), settings);
            try {
                return new RankingModels(tokens, finder, vggt(key, settings));
            } catch (RuntimeException e) {
                finder.close();
                throw e;
            }
        } catch (RuntimeException e) {
            tokens.close();
            throw e;
        }
    }

    private static @Nullable GeometryVggt vggt(RankingKey key, PerceptionSettings settings) {
        Path folder = key.vggt();
        if (folder == null) {
            return null;
        }
        // Only here: without VGGT the stage needs no libtorch.
        if (!settings.device().isCuda()) {
            TorchRuntime.threads(settings.threads());
        }
        return GeometryVggt.load(folder, key.lpips(), settings.device());
    }

    @Override
    public void close() {
        try (dinov3;
                sam3) {
            if (vggt != null) {
                vggt.close();
            }
        }
    }
}
