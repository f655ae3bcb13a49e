package dev.reelrank.flow.run;

import dev.reelrank.pipeline.event.SampleUpdated;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a run last counted of a sample.
 *
 * @param submissions that sent it
 */
public record SampleMark(
        SampleUpdated.Status status, boolean partial, SortedSet<String> submissions) {
    public SampleMark {
        submissions = Collections.unmodifiableSortedSet(new TreeSet<>(submissions));
    }

    /** Samples sent by the same submissions are counted together under this name. */
    String group() {
        return String.join("\n", submissions);
    }
}
