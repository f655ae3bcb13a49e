package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.benchmark.Dimension;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The dimensions of the benchmark evidence.
 *
 * @param reported measures that are shown but have no score, by name
 * @param missed why a dimension could not be computed, by its name
 */
record Benchmark(
        List<Dimension> dimensions, Map<String, Double> reported, Map<String, String> missed) {
    static final Benchmark EMPTY = new Benchmark(List.of(), Map.of(), Map.of());

    /** Why most dimensions have no score for a still. */
    static final String ONE_FRAME = "the video has a single frame";

    Benchmark {
        dimensions = List.copyOf(dimensions);
        reported = Collections.unmodifiableMap(new LinkedHashMap<>(reported));
        missed = Collections.unmodifiableMap(new LinkedHashMap<>(missed));
    }

    /** The mean of the dimensions; in part if some of them could not be computed. */
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
                    .put("raw", Details.precise(d.raw()))
                    .put("model", d.model());
        }
        ObjectNode shown = details.putObject("reported");
        reported.forEach((name, value) -> shown.put(name, Details.round(value)));
        double mean = sum / dimensions.size();
        if (missed.isEmpty()) {
            return Finding.of(mean, Details.text(details));
        }
        ObjectNode why = details.putObject("missing");
        missed.forEach(why::put);
        return Finding.inPart(mean, Details.text(details));
    }
}
