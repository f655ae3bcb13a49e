package dev.reelrank.dqa;

import dev.reelrank.grading.benchmark.Dimension;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The range of each dimension, from ranges.yaml. */
record Ranges(Map<String, Map<String, Number>> byName) {
    @SuppressWarnings("unchecked")
    static Ranges read() {
        try (InputStream in = Ranges.class.getResourceAsStream("/dev/reelrank/dqa/ranges.yaml")) {
            return new Ranges(
                    (Map<String, Map<String, Number>>)
                            new Load(LoadSettings.builder().build()).loadFromInputStream(in));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read ranges.yaml", e);
        }
    }

    Dimension dimension(String name, double raw, String model) {
        Map<String, Number> range = byName.get(name);
        if (range == null) {
            throw new IllegalStateException("ranges.yaml has no range of " + name);
        }
        return Dimension.of(
                name, raw, range.get("min").doubleValue(), range.get("max").doubleValue(), model);
    }
}
