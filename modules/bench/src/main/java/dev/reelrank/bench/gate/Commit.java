package dev.reelrank.bench.gate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Where figures come from. */
final class Commit {
    private Commit() {}

    /** Of the working copy; {@code unknown} outside of one. */
    static String current() throws IOException {
        try {
            Process git =
                    new ProcessBuilder("git", "rev-parse", "HEAD")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String text =
                    new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? "unknown" : text;
        } catch (IOException e) {
            // There is no git on the machine.
            return "unknown";
        }
    }

    static String hardware() {
        return "%d cores, %s %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        System.getProperty("java.version"));
    }
}
