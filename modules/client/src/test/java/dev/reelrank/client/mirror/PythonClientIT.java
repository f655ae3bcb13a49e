package dev.reelrank.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.event.RunUpdated;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The example in Python, where there is a Python. */
final class PythonClientIT {
    private static final Path FOLDER = Path.of("../../clients/python");

    @Test
    void itsOwnTestsPass() throws Exception {
        Assumptions.assumeTrue(
                hasPython(), "there is no python3 here: the Python client is not tested");
        var process =
                new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "tests")
                        .directory(FOLDER.toFile())
                        .redirectErrorStream(true)
                        .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("OK").doesNotContain("Ran 0 tests");
    }

    /** What its tests decode is what this build writes or wrote. */
    @Test
    void theRecordOfItsTestsIsAnEventOfOurs() throws IOException {
        byte[] bytes =
                Base64.getMimeDecoder()
                        .decode(Files.readString(FOLDER.resolve("tests/run-updated.base64")));
        assertThat(new EventCodec().decode(bytes))
                .isInstanceOfSatisfying(
                        RunUpdated.class,
                        run -> {
                            assertThat(run.runId()).isEqualTo("my-run");
                            assertThat(run.status()).isEqualTo(RunUpdated.Status.DONE);
                            assertThat(run.done()).isEqualTo(2);
                        });
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
