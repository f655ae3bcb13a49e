package dev.reelrank.geometry.score;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What VGGT says of a video, and what from.
 *
 * @param metric {@code geometry_vggt}, or {@code geometry_vggt_mse} without LPIPS
 * @param score lower is better; null if there is none
 * @param reason why there is no score; null if there is one
 * @param mse of frames and reprojections, 0..1; null if it was not reached
 * @param lpips of frames and reprojections; null without LPIPS
 * @param mvcs 0..1, higher is better; null if it was not reached
 * @param motionNorm how much the camera moves, in the model's unit; null if it was not reached
 * @param change mean difference of neighbouring frames that were looked at, grey levels 0..255
 * @param frames the indices of the frames that were looked at
 * @param model its fingerprint or folder
 */
public record GeometryReport(
        String metric,
        @Nullable Double score,
        @Nullable String reason,
        @Nullable Double mse,
        @Nullable Double lpips,
        @Nullable Double mvcs,
        @Nullable Double motionNorm,
        double change,
        List<Integer> frames,
        String model) {
    public GeometryReport {
        frames = List.copyOf(frames);
    }
}
