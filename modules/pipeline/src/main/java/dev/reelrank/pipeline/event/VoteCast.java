package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.BlobRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person compared two videos of a sample without knowing which is which. Votes are only ever
 * added: one that was taken back is superseded by a vote with the answer {@link Answer#WITHDRAWN}.
 *
 * @param voteId unique
 * @param supersedes the vote that this one takes back, null for an ordinary vote
 * @param rater the name that the person chose
 * @param left the video that was shown on the left
 * @param right the video that was shown on the right
 * @param millis from the moment both videos could be watched to the answer, at least 0
 */
public record VoteCast(
        String voteId,
        @Nullable String supersedes,
        String rater,
        String sampleId,
        Shown left,
        Shown right,
        Answer answer,
        long millis,
        Instant at)
        implements Event {
    /**
     * A video that was shown.
     *
     * @param runId the run in which it was made
     * @param seed of the candidate
     */
    public record Shown(String runId, long seed, BlobRef video) {}

    /** What a person can say about two videos. */
    public enum Answer {
        LEFT,
        RIGHT,
        /** Both are equally good. */
        EQUAL,
        /** Neither is worth keeping. */
        BOTH_BAD,
        /** No opinion. */
        SKIPPED,
        /** Takes back the vote that it supersedes. */
        WITHDRAWN
    }
}
