package dev.reelrank.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Jazzer's way in: {@code etc/fuzz PARSER SECONDS}. The property {@code parser} names the {@link
 * Parser}.
 */
public final class FuzzTarget {
    private static final Parser PARSER = Parser.valueOf(System.getProperty("parser"));

    private FuzzTarget() {}

    /** Loads natives and schemas, so that their seconds do not count as the first input's. */
    public static void fuzzerInitialize() {
        PARSER.seeds().forEach(PARSER::check);
    }

    /** What Jazzer calls; anything thrown is a finding. */
    public static void fuzzerTestOneInput(byte[] input) {
        PARSER.check(input);
    }

    /** Writes the seeds of the parser into a folder. */
    public static void main(String[] folder) throws IOException {
        var target = Files.createDirectories(Path.of(folder[0]));
        int number = 0;
        for (byte[] seed : PARSER.seeds()) {
            Files.write(target.resolve("seed-" + number++), seed);
        }
    }
}
