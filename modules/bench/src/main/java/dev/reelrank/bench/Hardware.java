package dev.reelrank.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Where and with what a figure was measured. */
final class Hardware {
    private Hardware() {}

    /** In words. */
    static String of(String device, int threads) {
        return "%s, %d threads, %s %s, Java %s"
                .formatted(
                        device,
                        threads,
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        System.getProperty("java.version"));
    }

    /** The commit of the working folder, "unknown" outside a repository. */
    static String commit() throws IOException {
        Process git =
                new ProcessBuilder("git", "rev-parse", "HEAD")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String text =
                new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "unknown" : text;
    }
}
