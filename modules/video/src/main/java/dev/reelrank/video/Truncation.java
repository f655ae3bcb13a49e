package dev.reelrank.video;

import java.util.Locale;

/** Tells a decoder's warning about missing data from the harmless ones. */
final class Truncation {
    private Truncation() {}

    static boolean isMeantBy(String warning) {
        var text = warning.toLowerCase(Locale.ROOT);
        return text.contains("premature")
                || text.contains("truncated")
                || text.contains("unexpected end")
                || text.contains("corrupt");
    }
}
