package dev.reelrank.console.arena;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.VoteCast.Shown;

/**
 * A pair that was handed out to one person. The page gets the tokens alone, so that it cannot tell
 * which video is which.
 *
 * @param leftToken under which the page fetches the left video
 * @param imageToken under which it fetches the reference image
 */
public record Ballot(
        String id,
        String rater,
        String sampleId,
        String prompt,
        BlobRef image,
        Shown left,
        Shown right,
        String imageToken,
        String leftToken,
        String rightToken) {}
