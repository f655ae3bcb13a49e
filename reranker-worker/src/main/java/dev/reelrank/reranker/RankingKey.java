package dev.reelrank.reranker;

import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which models the ranking loads.
 *
 * @param half the float16 graphs instead of the float32 ones
 * @param dinov3 folder of DINOv3
 * @param sam3 folder of SAM3
 * @param vggt folder of VGGT; null where no score needs it
 * @param lpips folder of LPIPS; null where no score needs it
 */
record RankingKey(boolean half, Path dinov3, Path sam3, @Nullable Path vggt, @Nullable Path lpips)
        implements LoadKey {
    /** By the names of the models. */
    Map<String, Path> folders() {
        var folders = new HashMap<>(Map.of("dinov3", dinov3, "sam3", sam3));
        if (vggt != null) {
            folders.put("vggt", vggt);
        }
        if (lpips != null) {
            folders.put("lpips", lpips);
        }
        return folders;
    }

    @Override
    public String precision() {
        return half ? "fp16" : "fp32";
    }

    @Override
    public String toString() {
        return "%s and %s in %s".formatted(dinov3, sam3, precision())
                + (vggt == null ? "" : ", with " + vggt)
                + (lpips == null ? "" : " and " + lpips);
    }
}
