package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.benchmark.Dimension;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The dimensions of the benchmark evidence, gathered over the phases. */
final class Benchmark {
    private final List<Dimension> dimensions = new ArrayList<>();
    private final Map<String, Double> reported = new LinkedHashMap<>();

    void add(Dimension dimension) {
        dimensions.add(dimension);
    }

    /** A measure that is shown but has no score. */
    void report(String name, double value) {
        reported.put(name, value);
    }

    List<Dimension> dimensions() {
        return List.copyOf(dimensions);
    }

    /** The mean of the dimensions. */
    Finding finding() {
        if (dimensions.isEmpty()) {
            return Finding.missing(Details.missing("no dimension could be computed"));
        }
        ObjectNode details = Details.object();
        ObjectNode each = details.putObject("dimensions");
        double sum = 0;
        for (Dimension d : dimensions) {
            sum += d.score();
            each.putObject(d.name())
                    .put("score", Details.round(d.score()))
                    .put("raw", Details.round(d.raw()))
                    .put("model", d.model());
        }
        ObjectNode shown = details.putObject("reported");
        reported.forEach((name, value) -> shown.put(name, Details.round(value)));
        return Finding.of(sum / dimensions.size(), Details.text(details));
    }
}
