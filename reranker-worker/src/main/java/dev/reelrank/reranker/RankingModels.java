package dev.reelrank.reranker;

import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.perception.Sam3;
import java.nio.file.Path;

/**
 * The loaded models of the ranking stage. One thread runs them.
 *
 * @param dinov3 says how alike two pictures are
 * @param sam3 finds the subject
 */
record RankingModels(Dinov3 dinov3, Sam3 sam3) implements AutoCloseable {
    static RankingModels load(Path dinov3, Path sam3, PerceptionSettings settings) {
        var tokens = Dinov3.load(dinov3, settings);
        try {
            return new RankingModels(tokens, Sam3.load(sam3, settings));
        } catch (RuntimeException e) {
            tokens.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            sam3.close();
        } finally {
            dinov3.close();
        }
    }
}
