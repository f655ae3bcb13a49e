package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.ExitCode;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class OutputTest {
    @Test
    void dataThatDoesNotFitOnTheDiskFailsTheCommand() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")), "this system has no /dev/full");
        try (var full =
                new PrintStream(new FileOutputStream("/dev/full"), false, StandardCharsets.UTF_8)) {
            full.println("{}");
            assertThat(Main.written(full, ExitCode.OK)).isEqualTo(ExitCode.RESOURCES);
        }
    }

    @Test
    void dataThatWasWrittenChangesNoExitCode() {
        var out = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        assertThat(Main.written(out, ExitCode.OK)).isEqualTo(ExitCode.OK);
        assertThat(Main.written(out, ExitCode.SAMPLE_FAILED)).isEqualTo(ExitCode.SAMPLE_FAILED);
    }
}
