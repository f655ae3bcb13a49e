package dev.reelrank.reranker;

import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;

/**
 * Which models the ranking loads.
 *
 * @param half the float16 graphs instead of the float32 ones
 * @param dinov3 folder of DINOv3
 * @param sam3 folder of SAM3
 */
record RankingKey(boolean half, Path dinov3, Path sam3) implements LoadKey {
    @Override
    public String precision() {
        return half ? "fp16" : "fp32";
    }

    @Override
    public String toString() {
        return "%s and %s in %s".formatted(dinov3, sam3, precision());
    }
}
