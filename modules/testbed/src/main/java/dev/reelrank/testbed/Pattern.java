package dev.reelrank.testbed;

import java.util.Locale;

/** What is painted on a subject. */
public enum Pattern {
    PLAIN,
    STRIPED,
    DOTTED;

    /** The adjective. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
