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

    /** Why most dimensions have no score for a still. */
    static final String ONE_FRAME = "the video has a single frame";

    private final Map<String, Double> reported = new LinkedHashMap<>();
    private final Map<String, String> missed = new LinkedHashMap<>();

    void add(Dimension dimension) {
        dimensions.add(dimension);
    }

    /** A measure that is shown but has no score. */
    void report(String name, double value) {
        reported.put(name, value);
    }

    /** A dimension that this video does not allow to compute. */
    void miss(String name, String why) {
        missed.put(name, why);
    }

    List<Dimension> dimensions() {
        return List.copyOf(dimensions);
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
