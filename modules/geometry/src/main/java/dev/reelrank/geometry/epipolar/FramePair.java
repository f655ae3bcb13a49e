package dev.reelrank.geometry.epipolar;

import org.jspecify.annotations.Nullable;

/**
 * What two frames of a video say about its geometry.
 *
 * @param first index of the earlier frame
 * @param second index of the later frame
 * @param matches features that both show
 * @param displacement the median way of a feature between them, pixels of the working size
 * @param planar share of the matches that one homography explains, 0..1; 0 if it was not looked at
 * @param distance mean Sampson distance of the matches, pixels of the working size, at most {@link
 *     EpipolarSampson.Settings#cap()}; null if the pair says nothing
 * @param anchored the same if what is anchored to the picture counts the cap ({@link
 *     EpipolarSampson#ANCHORED}); null if the pair says nothing
 * @param reason why the pair says nothing, or that the camera jumps; null if nothing is to be said
 */
public record FramePair(
        int first,
        int second,
        int matches,
        double displacement,
        double planar,
        @Nullable Double distance,
        @Nullable Double anchored,
        @Nullable String reason) {}
