package dev.reelrank.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inputs that were findings once: src/test/resources/findings, a folder for each parser. */
class FindingsTest {
    private static final Duration LONGEST = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource(Parser.class)
    void shouldStayMended(Parser parser) throws IOException, URISyntaxException {
        var found = FindingsTest.class.getResource("/findings/" + parser);
        if (found == null) {
            return;
        }
        // Loading classes and natives takes seconds of its own.
        parser.seeds().forEach(parser::check);
        try (var files = Files.list(Path.of(found.toURI()))) {
            for (var file : files.sorted().toList()) {
                try {
                    byte[] input = Files.readAllBytes(file);
                    Assertions.assertTimeout(LONGEST, () -> parser.check(input));
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(file.toString(), e);
                }
            }
        }
    }
}
