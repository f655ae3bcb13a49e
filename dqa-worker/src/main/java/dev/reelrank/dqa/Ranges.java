package dev.reelrank.dqa;

import dev.reelrank.grading.benchmark.Dimension;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The range of each dimension of the benchmark evidence.
 *
 * @param byName min (score 0) and max (score 1) by dimension
 */
public record Ranges(Map<String, Map<String, Number>> byName) {
    /** Those of ranges.yaml, which ships with this module. */
    @SuppressWarnings("unchecked")
    public static Ranges read() {
        try (InputStream in = Ranges.class.getResourceAsStream("/dev/reelrank/dqa/ranges.yaml")) {
            return new Ranges(
                    (Map<String, Map<String, Number>>)
                            new Load(LoadSettings.builder().build()).loadFromInputStream(in));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read ranges.yaml", e);
        }
    }

    /**
     * The benchmark's score of raw measures.
     *
     * @param raw by dimension, at least one
     */
    public double mean(Map<String, Double> raw) {
        return raw.entrySet().stream()
                .mapToDouble(e -> dimension(e.getKey(), e.getValue(), "").score())
                .average()
                .orElseThrow();
    }

    Dimension dimension(String name, double raw, String model) {
        Map<String, Number> range = byName.get(name);
        if (range == null) {
            throw new IllegalStateException("ranges.yaml has no range of " + name);
        }
        return Dimension.of(
                name,
                raw,
                Objects.requireNonNull(range.get("min")).doubleValue(),
                Objects.requireNonNull(range.get("max")).doubleValue(),
                model);
    }
}
