package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In processes of their own, because they end. */
class OrtLifetimeTest {
    @TempDir Path folder;

    @Test
    void shouldNotCrashWhenTheProcessEndsWhileAModelComputes() throws Exception {
        for (int time = 0; time < 3; time++) {
            var process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx200m",
                                    "-XX:TieredStopAtLevel=1",
                                    "-XX:+UseSerialGC",
                                    "-XX:-CreateCoredumpOnCrash",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Ending.class.getName(),
                                    Fixtures.path("dinov3").toString())
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
        }
    }

    /** Ends, by a hook that takes its time, while another thread asks a model on and on. */
    static final class Ending {
        public static void main(String[] arguments) throws Exception {
            var model = Dinov3.load(Path.of(arguments[0]), PerceptionSettings.cpu(1));
            var picture = model.prepare(Fixtures.picture("square"));
            var asking =
                    new Thread(
                            () -> {
                                while (true) {
                                    model.tokensOf(List.of(picture));
                                }
                            });
            asking.setDaemon(true);
            asking.start();
            Thread.sleep(200);
            Runtime.getRuntime().addShutdownHook(new Thread(Ending::linger));
            System.exit(0);
        }

        private static void linger() {
            try {
                Thread.sleep(700);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
