package dev.reelrank.client.run;

import dev.reelrank.pipeline.StageName;

/** Where a {@link RunFollower} tells how far a run is: a terminal, a page, a log. */
public interface RunProgress {
    /**
     * Tells how much of a stage's work is finished.
     *
     * @param done finished work items
     * @param of known work items
     * @param note what is being done now, for example "denoising step 3 of 8"; may be empty
     */
    void stage(StageName stage, long done, long of, String note);

    /** Tells one thing once: that a sample has ended, and how. */
    void say(String line);
}
