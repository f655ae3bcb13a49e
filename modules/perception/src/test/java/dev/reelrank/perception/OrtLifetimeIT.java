package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own, because it may end. */
class OrtLifetimeIT {
    @TempDir Path folder;

    @Test
    void shouldGoOnComputingWhenTheShutdownHookHasFreedTheRuntime() throws Exception {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
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
        assertThat(said).contains("still there");
    }

    /** Does what ONNX Runtime's shutdown hook does, early enough to see what comes of it. */
    static final class Ending {
        public static void main(String[] arguments) throws Exception {
            var folder = Path.of(arguments[0]);
            try (var model = Dinov3.load(folder, PerceptionSettings.cpu(1))) {
                var picture = Fixtures.picture("square");
                free();
                model.tokens(picture);
                // A stage whose share of the cores changes opens its models again.
                try (var again = Dinov3.load(folder, PerceptionSettings.cpu(2))) {
                    again.tokens(picture);
                }
            }
            System.out.println("still there");
        }

        private static void free() throws ReflectiveOperationException {
            var api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
            api.setAccessible(true);
            var handle = OrtEnvironment.class.getDeclaredField("nativeHandle");
            handle.setAccessible(true);
            var closer =
                    Class.forName("ai.onnxruntime.OrtEnvironment$OrtEnvCloser")
                            .getDeclaredConstructor(long.class, long.class);
            closer.setAccessible(true);
            var hook =
                    (Runnable)
                            closer.newInstance(
                                    api.getLong(null),
                                    handle.getLong(OrtEnvironment.getEnvironment()));
            hook.run();
        }
    }
}
