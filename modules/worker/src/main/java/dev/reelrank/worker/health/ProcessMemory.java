package dev.reelrank.worker.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process as the operating system reports it. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /**
     * Most memory that was resident at once since the process started, bytes; 0 where the system
     * does not say (it does on Linux).
     */
    public static long peakBytes() {
        return bytes("VmHWM:");
    }

    /** Memory that is resident now, bytes; 0 where the system does not say. */
    public static long residentBytes() {
        return bytes("VmRSS:");
    }

    private static long bytes(String key) {
        try {
            for (var line : Files.readAllLines(STATUS)) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            // Another operating system: nothing is known.
            return 0;
        }
        return 0;
    }
}
