package dev.reelrank.cli.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program that checks {@code deploy/}; {@code etc/deploy-tools} gets them. */
record Tool(Path program) {
    /**
     * What a program said.
     *
     * @param text its standard output and error
     */
    record Answer(int code, String text) {}

    /** Finds a program; a test without it is skipped. */
    static Tool require(String name) {
        var found = find(name);
        assumeTrue(
                found.isPresent(), () -> name + " is not installed: run etc/deploy-tools " + name);
        return new Tool(found.orElseThrow());
    }

    private static Optional<Path> find(String name) {
        var cache =
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                        .orElse(System.getProperty("user.home") + "/.cache");
        var own =
                Optional.ofNullable(System.getenv("REELRANK_TOOLS"))
                        .orElse(cache + "/reelrank/tools");
        return Stream.concat(
                        Stream.of(own),
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(":")))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs it to its end.
     *
     * @param input what it reads from standard input, null for nothing
     */
    Answer run(@Nullable String input, Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        var in = Files.createTempFile("tool", ".in");
        var out = Files.createTempFile("tool", ".out");
        try {
            Files.writeString(in, input == null ? "" : input);
            var process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectInput(in.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile())
                            .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(program + " did not end within a minute");
            }
            return new Answer(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
        } finally {
            Files.delete(in);
            Files.delete(out);
        }
    }
}
