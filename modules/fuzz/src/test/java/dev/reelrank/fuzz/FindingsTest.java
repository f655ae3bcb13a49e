package dev.reelrank.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inputs that were findings once: src/test/resources/findings, a folder for each parser. */
class FindingsTest {
    @ParameterizedTest
    @EnumSource(Parser.class)
    void shouldStayMended(Parser parser) throws IOException, URISyntaxException {
        var found = FindingsTest.class.getResource("/findings/" + parser);
        if (found == null) {
            return;
        }
        try (var files = Files.list(Path.of(found.toURI()))) {
            for (var file : files.sorted().toList()) {
                try {
                    parser.check(Files.readAllBytes(file));
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(file.toString(), e);
                }
            }
        }
    }
}
