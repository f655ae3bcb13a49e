package dev.reelrank.worker.health;

import dev.reelrank.bus.process.HealthServer.Page;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The health page of a worker. */
public final class WorkerHealth {
    private WorkerHealth() {}

    /**
     * Well while every stage is ready; the state of each as JSON.
     *
     * @param states by stage
     */
    public static Page page(Map<String, WorkerState> states) {
        var ready = states.values().stream().allMatch(WorkerState::ready);
        var json =
                new TreeMap<>(states)
                        .entrySet().stream()
                                .map(e -> "\"" + e.getKey() + "\": \"" + e.getValue().id() + "\"")
                                .collect(Collectors.joining(", ", "{", "}\n"));
        return Page.health(ready, "application/json", json);
    }
}
