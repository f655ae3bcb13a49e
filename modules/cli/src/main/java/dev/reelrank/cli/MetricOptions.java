package dev.reelrank.cli;

import dev.reelrank.evaluation.metric.Metrics;
import java.util.List;
import picocli.CommandLine.Option;

/** A choice of metrics. */
final class MetricOptions {
    @Option(
            names = "--metrics",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Only these metrics; reelrank evaluate --list shows them. Default: all, and for"
                            + " verdicts the usual ones.")
    List<String> metrics = List.of();

    /**
     * The names that were given, none for the default.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for one that there is not
     */
    List<String> chosen() {
        metrics.forEach(Metrics::of);
        return metrics;
    }
}
