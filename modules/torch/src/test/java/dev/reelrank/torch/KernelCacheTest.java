package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 2");
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 2");
        Files.write(file, new byte[0]);
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 3");
    }

    @Test
    void aFolderThatCannotBeMadeCostsOnlyTheCompiling() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        var cache = new KernelCache(file.resolve("below"));
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 1");
        assertThat(cache.get("a", this::compile)).asString().isEqualTo("kernel 2");
    }
}
