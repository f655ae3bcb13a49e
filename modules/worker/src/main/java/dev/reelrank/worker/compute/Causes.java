package dev.reelrank.worker.compute;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/** An exception as text for a report: the stack trace, at most 8000 characters. */
public final class Causes {
    private static final int LONGEST = 8000;

    private Causes() {}

    /** Its stack trace, cut off where it is too long to be read; null for none. */
    public static @Nullable String text(@Nullable Throwable cause) {
        if (cause == null) {
            return null;
        }
        var text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text));
        return text.getBuffer().length() <= LONGEST
                ? text.toString()
                : text.getBuffer().substring(0, LONGEST);
    }
}
