package dev.reelrank.worker.lease;

import java.util.Locale;

/** The life of a claim; it ends with its file. */
enum State {
    WAITING,
    HELD,
    /** Still held, but its holder unloads to make room. */
    YIELDING;

    String suffix() {
        return "." + name().toLowerCase(Locale.ROOT);
    }
}
