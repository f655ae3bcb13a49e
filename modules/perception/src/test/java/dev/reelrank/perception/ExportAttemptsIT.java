package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The export scripts' own tests, where there is a Python: exports whose process is killed, and
 * graphs carried without weights where it has numpy and onnx.
 */
final class ExportAttemptsIT {
    @Test
    void itsOwnTestsPass() throws Exception {
        Assumptions.assumeTrue(hasPython(), "there is no python3 here: the export is not tested");
        var process =
                new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "tests")
                        .directory(Path.of("export").toFile())
                        .redirectErrorStream(true)
                        .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("OK").doesNotContain("Ran 0 tests");
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
