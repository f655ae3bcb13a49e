package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeCacheIT {
    @TempDir Path folder;

    /** Another process: holds the lock for a second, then says that it has loaded. */
    static final class First {
        private First() {}

        public static void main(String[] args) throws Exception {
            new NativeCache(Path.of(args[0]), "some")
                    .load(
                            () -> {
                                try {
                                    System.out.println("loading");
                                    Thread.sleep(Duration.ofSeconds(1).toMillis());
                                    Files.createFile(Path.of(args[0]).resolve("whole"));
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
        }
    }

    @Test
    void shouldLoadAfterTheProcessThatStillUnpacks() throws Exception {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                First.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var said = process.inputReader()) {
            assertThat(said.readLine()).isEqualTo("loading");
            var whole = new ArrayList<Boolean>();
            new NativeCache(folder, "some")
                    .load(() -> whole.add(Files.exists(folder.resolve("whole"))));
            assertThat(whole).containsExactly(true);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldNotWaitForOthersOnceTheLibrariesHaveBeenLoaded() throws Exception {
        var loads = new ArrayList<String>();
        var cache = new NativeCache(folder, "some");
        cache.load(() -> loads.add("first"));
        try (var channel =
                        FileChannel.open(folder.resolve(".some.lock"), StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            CompletableFuture.runAsync(() -> cache.load(() -> loads.add("second")))
                    .get(30, TimeUnit.SECONDS);
            assertThat(lock.isValid()).isTrue();
        }
        assertThat(loads).isEqualTo(List.of("first", "second"));
    }

    @Test
    void shouldTellBuildsOfLibtorchApart() {
        String cpu = NativeCache.libraries("/m2/pytorch-2-linux.jar:/m2/openblas.jar");
        assertThat(NativeCache.libraries("/other/openblas.jar:/other/pytorch-2-linux.jar"))
                .isEqualTo(cpu);
        assertThat(NativeCache.libraries("/m2/pytorch-2-linux-gpu.jar")).isNotEqualTo(cpu);
    }
}
