package dev.reelrank.cli.terminal;

import java.io.IOException;

/** Whether standard error is a terminal. */
public final class Terminal {
    private Terminal() {}

    /**
     * Whether standard error is a terminal. Java only knows about standard input and output
     * together, so the shell's own test is asked.
     */
    public static boolean isWatched() {
        if (System.getenv("CI") != null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return new ProcessBuilder("test", "-t", "2").inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false; // A system without test has no terminal that we could draw on either.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
