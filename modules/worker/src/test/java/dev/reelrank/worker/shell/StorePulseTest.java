package dev.reelrank.worker.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorePulseTest {
    @TempDir Path folder;

    @Test
    void shouldNoticeWithoutAnyWorkThatTheStoreIsAwayAndThatItIsBack() throws Exception {
        var root = folder.resolve("store");
        try (var store = LocalStore.open(root);
                var pulse = new StorePulse(store, Duration.ofMillis(20))) {
            await(() -> pulse.silence().toMillis() < 20);
            Files.move(root, folder.resolve("away"));
            await(() -> pulse.silence().toMillis() > 500);
            Files.move(folder.resolve("away"), root);
            await(() -> pulse.silence().toMillis() < 250);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(until);
            Thread.sleep(5);
        }
    }
}
