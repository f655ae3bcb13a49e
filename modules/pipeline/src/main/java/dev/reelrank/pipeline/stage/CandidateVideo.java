package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.NotInKey;
import org.jspecify.annotations.Nullable;

/**
 * A candidate as a later stage sees it.
 *
 * @param workId the work that made it: if the video is lost, that work is done again
 * @param model that made it, where the sample's candidates are of several; else null
 */
public record CandidateVideo(
        long seed, BlobRef video, @NotInKey String workId, @InKeyWhenSet @Nullable String model) {
    /** Where all candidates are of one model. */
    public CandidateVideo(long seed, BlobRef video, String workId) {
        this(seed, video, workId, null);
    }

    /** How people tell it from the others: its seed, and its model if they are of several. */
    public String title() {
        return model == null ? "seed " + seed : model + ", seed " + seed;
    }
}
