package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.NotInKey;

/**
 * A candidate as a later stage sees it.
 *
 * @param workId the work that made it: if the video is lost, that work is done again
 */
public record CandidateVideo(long seed, BlobRef video, @NotInKey String workId) {}
