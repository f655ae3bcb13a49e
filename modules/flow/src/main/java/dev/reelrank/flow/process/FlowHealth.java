package dev.reelrank.flow.process;

import dev.reelrank.bus.process.HealthServer.Page;
import java.time.Duration;
import org.apache.kafka.streams.KafkaStreams.State;
import org.jspecify.annotations.Nullable;

/** The health pages of flow. */
final class FlowHealth {
    /** Longer than this without an answer, and the cluster is taken to be away. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private FlowHealth() {}

    /**
     * Whether events are processed now.
     *
     * @param paused why it reads no further, null if it does
     * @param silence how long the cluster has not answered
     */
    static Page ready(State state, @Nullable String paused, Duration silence) {
        if (paused != null) {
            return Page.health(false, "text/plain", "PAUSED " + paused + "\n");
        }
        if (silence.compareTo(SILENCE) > 0) {
            return Page.health(
                    false,
                    "text/plain",
                    "%s, but the cluster has not answered for %d s%n"
                            .formatted(state.name(), silence.toSeconds()));
        }
        return Page.health(state == State.RUNNING, "text/plain", state.name() + "\n");
    }

    /** Whether the process should go on; waiting for the cluster is no reason to restart. */
    static Page live(State state) {
        return Page.health(
                state != State.ERROR && state != State.PENDING_ERROR,
                "text/plain",
                state.name() + "\n");
    }
}
