package dev.reelrank.worker.lease;

import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How long the holders of a folder have shown no life, by what is seen of them: the time of a
 * holder's file says something only in that it changes. So a step of the system's clock, or a share
 * whose server has another time, makes nobody look dead. For one thread at a time.
 */
final class Silences {
    private record Sign(FileTime beat, long seenAt) {}

    private final Map<Long, Sign> signs = new HashMap<>();

    /**
     * @param place of the holder's claim
     * @param beat time of its file
     * @param now monotonic, nanoseconds
     */
    Duration of(long place, FileTime beat, long now) {
        var last = signs.get(place);
        if (last == null || !last.beat().equals(beat)) {
            last = new Sign(beat, now);
            signs.put(place, last);
        }
        return Duration.ofNanos(now - last.seenAt());
    }

    /** Its claim is gone. */
    void forget(long place) {
        signs.remove(place);
    }
}
