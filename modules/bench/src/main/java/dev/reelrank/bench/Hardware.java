package dev.reelrank.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Where and with what a figure was measured. */
public final class Hardware {
    private Hardware() {}

    /** In words. */
    public static String of(String device, int threads) {
        return "%s, %d threads, %s".formatted(device, threads, system());
    }

    /** The processor and the system, for what runs in several processes. */
    public static String cores() {
        return "%d cores, %s".formatted(Runtime.getRuntime().availableProcessors(), system());
    }

    private static String system() {
        return "%s %s, Java %s"
                .formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        System.getProperty("java.version"));
    }

    /** The commit of the working folder; {@code unknown} outside a repository and without git. */
    public static String commit() throws IOException {
        Process git;
        try {
            git =
                    new ProcessBuilder("git", "rev-parse", "HEAD")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            // There is no git on the machine.
            return "unknown";
        }
        String text =
                new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "unknown" : text;
    }
}
