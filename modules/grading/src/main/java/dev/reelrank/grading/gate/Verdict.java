package dev.reelrank.grading.gate;

import java.util.List;

/**
 * A decision and its reasons.
 *
 * @param decision the worst that any defect calls for
 * @param defects the deciding one first; empty for a video to keep
 */
public record Verdict(Decision decision, List<Defect> defects) {
    public Verdict {
        defects = List.copyOf(defects);
    }

    /** What decided, in a sentence. */
    public String because() {
        return defects.isEmpty() ? "nothing speaks against it" : defects.get(0).text();
    }
}
