package dev.reelrank.reranker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Adds up how long each part of the work took. */
final class Stopwatch {
    private final Map<String, Long> nanos = new LinkedHashMap<>();

    <T> T time(String part, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            nanos.merge(part, System.nanoTime() - start, Long::sum);
        }
    }

    /** Milliseconds by part. */
    Map<String, Long> millis() {
        var millis = new LinkedHashMap<String, Long>();
        nanos.forEach((part, time) -> millis.put(part, time / 1_000_000));
        return millis;
    }
}
