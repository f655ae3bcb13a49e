package dev.reelrank.bench.farm;

import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The work of a farm in a benchmark. Seconds are on the farm's clock.
 *
 * @param speed seconds of the farm's clock that pass in one real second
 */
public record Scenario(
        String name,
        int samples,
        List<Long> seeds,
        int workers,
        double candidateSeconds,
        double spread,
        double loadSeconds,
        double rankingSeconds,
        double speed) {
    /** The final run of 70 samples on 8 GPUs, and a small one of the same shape. */
    public static Scenario named(String name) {
        var seeds = List.of(1337L, 2024L, 7777L);
        return switch (name) {
            case "identityflow" -> new Scenario(name, 70, seeds, 8, 127, 0.2, 124, 15, 20);
            case "quick" -> new Scenario(name, 8, seeds, 3, 127, 0.2, 124, 15, 20);
            default ->
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "unknown scenario '" + name + "'; use identityflow or quick");
        };
    }

    Scenario withSpeed(double other) {
        return new Scenario(
                name,
                samples,
                seeds,
                workers,
                candidateSeconds,
                spread,
                loadSeconds,
                rankingSeconds,
                other);
    }

    Pace candidatePace(double slowness) {
        return new Pace(loadSeconds, candidateSeconds, spread, speed, slowness);
    }

    Pace rankingPace() {
        return new Pace(0, rankingSeconds, 0, speed, 1);
    }

    /** The prompts by sample id; they decide the durations, so that every run has the same. */
    Map<String, String> prompts() {
        var prompts = new LinkedHashMap<String, String>();
        for (int i = 0; i < samples; i++) {
            prompts.put("s%03d".formatted(i), "sample %03d of %s".formatted(i, name));
        }
        return prompts;
    }

    /** Between two instants on the farm's clock. */
    double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9 * speed;
    }

    /** Seconds of every candidate, by work id, if the samples are those of a run. */
    Map<String, Double> durations(String runId) {
        var pace = candidatePace(1);
        var all = new HashMap<String, Double>();
        prompts()
                .forEach(
                        (sample, prompt) -> {
                            for (var seed : seeds) {
                                all.put(
                                        Ids.workId(runId, sample, StageName.CANDIDATE, seed),
                                        pace.item(prompt, seed));
                            }
                        });
        return all;
    }

    /** Seconds of every candidate, by sample. */
    List<List<Double>> durations() {
        var pace = candidatePace(1);
        var all = new ArrayList<List<Double>>();
        for (var prompt : prompts().values()) {
            all.add(seeds.stream().map(seed -> pace.item(prompt, seed)).toList());
        }
        return all;
    }
}
