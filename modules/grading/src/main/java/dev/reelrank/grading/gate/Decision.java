package dev.reelrank.grading.gate;

import java.util.Locale;

/** What to do with a graded video, from best to worst. */
public enum Decision {
    /** Nothing speaks against it. */
    KEEP,
    /** A person should look at it. */
    REVIEW,
    /** It has a clear defect. */
    REJECT;

    /** In results and reports: {@code keep}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The worse of two. */
    public Decision or(Decision other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
