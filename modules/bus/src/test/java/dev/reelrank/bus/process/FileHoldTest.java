package dev.reelrank.bus.process;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileHoldTest {
    @TempDir Path folder;

    @Test
    void oneChannelHoldsAFileUntilItIsClosed() throws IOException {
        try (var first = open()) {
            assertTrue(FileHold.take(first));
            try (var second = open()) {
                assertFalse(FileHold.take(second));
            }
        }
        try (var third = open()) {
            assertTrue(FileHold.take(third));
        }
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
}
