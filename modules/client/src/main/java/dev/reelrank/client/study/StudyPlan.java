package dev.reelrank.client.study;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a study file asks for.
 *
 * @param name of the study: letters, digits, dots and dashes
 * @param question it answers, a sentence; may be empty
 * @param dataset folder of the samples; null for that of the command
 * @param samples ids; empty for all, or the first ones
 * @param first how many of the samples; null for all
 * @param baseline name of the cell that the others are compared with
 * @param incremental whether each cell is the one before with one thing more
 * @param metrics that are judged; empty for the usual ones
 * @param cells in order, at least two
 */
public record StudyPlan(
        String name,
        String question,
        @Nullable String dataset,
        List<String> samples,
        @Nullable Integer first,
        String baseline,
        boolean incremental,
        List<String> metrics,
        List<PlannedCell> cells) {
    public StudyPlan {
        samples = List.copyOf(samples);
        metrics = List.copyOf(metrics);
        cells = List.copyOf(cells);
    }
}
