package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelCacheTest {
    @TempDir Path folder;

    private final AtomicInteger compiled = new AtomicInteger();

    private byte[] compile() {
        return ("kernel " + compiled.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldCompileAKernelOncePerKey() {
        var cache = new KernelCache(folder.resolve("kernels"));
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 1");
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 1");
        assertThat(cache.get("b", this::compile)).asString().isEqualTo("kernel 2");
        assertThat(new KernelCache(folder.resolve("kernels")).get("b", this::compile))
                .asString()
                .isEqualTo("kernel 2");
    }

    @Test
    void shouldCompileAgainWhatIsNotAsItWasWritten() throws Exception {
        var cache = new KernelCache(folder);
        cache.get("a", this::compile);
        Path file;
        try (var files = Files.list(folder)) {
            file = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 2");
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 2");
        Files.write(file, new byte[0]);
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 3");
    }

    @Test
    void writersOfOneKernelShouldNotDisturbEachOther() throws Exception {
        byte[] kernel = new byte[1 << 20];
        Arrays.fill(kernel, (byte) 7);
        var cache = new KernelCache(folder);
        var writers = Executors.newFixedThreadPool(8);
        try {
            var all =
                    writers.invokeAll(Collections.nCopies(64, () -> cache.get("a", () -> kernel)));
            for (var got : all) {
                assertThat(got.get()).isEqualTo(kernel);
            }
        } finally {
            writers.shutdownNow();
        }
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void withoutAFolderEveryKernelIsCompiled() {
        assertThat(KernelCache.none().get("a", this::compile)).asString().isEqualTo("kernel 1");
        assertThat(KernelCache.none().get("a", this::compile)).asString().isEqualTo("kernel 2");
    }

    @Test
    void aFolderThatCannotBeMadeCostsOnlyTheCompiling() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        var cache = new KernelCache(file.resolve("below"));
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 1");
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 2");
    }
}
