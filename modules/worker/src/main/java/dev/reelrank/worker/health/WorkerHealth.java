package dev.reelrank.worker.health;

import dev.reelrank.bus.process.HealthServer.Page;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The health page of a worker. */
public final class WorkerHealth {
    /** Longer than this without an answer, and the cluster or the store is taken to be away. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private WorkerHealth() {}

    /**
     * Whether work makes progress here: what a load balancer or a person asks.
     *
     * @param states by stage
     * @param silences how long each of what the work needs has not answered, by name: the cluster,
     *     the store
     */
    public static Page ready(Map<String, WorkerState> states, Map<String, Duration> silences) {
        var ready = states.values().stream().allMatch(WorkerState::ready);
        var parts = new TreeMap<String, String>();
        states.forEach((stage, state) -> parts.put(stage, state.id()));
        for (var silence : silences.entrySet()) {
            if (silence.getValue().compareTo(SILENCE) > 0) {
                ready = false;
                parts.put(
                        silence.getKey(),
                        "no answer for %d s".formatted(silence.getValue().toSeconds()));
            }
        }
        return Page.health(ready, "application/json", json(parts));
    }

    /**
     * Whether the process should go on: what decides about a restart. Waiting for a broker or a
     * store is no reason to restart, work that hangs is.
     *
     * @param stalled by stage: the work in hand no longer moves on
     */
    public static Page live(Map<String, Boolean> stalled) {
        var parts = new TreeMap<String, String>();
        stalled.forEach((stage, stuck) -> parts.put(stage, stuck ? "stalled" : "live"));
        return Page.health(!stalled.containsValue(true), "application/json", json(parts));
    }

    private static String json(Map<String, String> parts) {
        return parts.entrySet().stream()
                .map(e -> "\"" + e.getKey() + "\": \"" + e.getValue() + "\"")
                .collect(Collectors.joining(", ", "{", "}\n"));
    }
}
