package dev.reelrank.geometry.epipolar;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The geometry of a video, and what it was computed from.
 *
 * @param score mean of the pairs' distances, pixels of the working size, at least 0, lower is
 *     better; null if the video says nothing about its geometry
 * @param anchored {@link EpipolarSampson#ANCHORED}: the same with what is anchored to the picture
 *     at the cap; null where there is no score
 * @param reason why there is no score, null if there is one
 * @param motion mean way of a feature from one frame to the next, pixels of the working size
 * @param pairs what was looked at
 */
public record EpipolarReport(
        @Nullable Double score,
        @Nullable Double anchored,
        @Nullable String reason,
        double motion,
        List<FramePair> pairs) {
    public EpipolarReport {
        pairs = List.copyOf(pairs);
    }
}
