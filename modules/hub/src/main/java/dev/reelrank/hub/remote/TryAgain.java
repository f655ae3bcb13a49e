package dev.reelrank.hub.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A failure that may pass. Whoever catches it waits and asks again. */
final class TryAgain extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> pause;

    TryAgain(String message, Optional<Duration> pause) {
        super(message);
        this.pause = pause;
    }

    TryAgain(String message) {
        this(message, Optional.empty());
    }

    /** What the hub asked for, if it did. */
    Optional<Duration> pause() {
        return pause;
    }
}
