package dev.reelrank.alignment.compare;

import java.util.List;

/**
 * What the gate says.
 *
 * @param accepted whether the adapter may replace its base
 * @param reasons sentences: why it was rejected, or what was gained
 */
public record Verdict(boolean accepted, List<String> reasons) {
    public Verdict {
        reasons = List.copyOf(reasons);
    }

    /** The reasons as one text. */
    public String reason() {
        return String.join(" ", reasons);
    }

    /** {@code accepted} or {@code rejected}. */
    public String state() {
        return accepted ? "accepted" : "rejected";
    }
}
