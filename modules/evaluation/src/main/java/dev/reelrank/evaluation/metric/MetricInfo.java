package dev.reelrank.evaluation.metric;

import java.util.List;

/**
 * What a metric is: its contract.
 *
 * @param name with the model that it rests on, where that may vary: figures of other models have
 *     other names
 * @param title for people, a few words
 * @param formula in a line
 * @param low least value it can take; −∞ where there is none
 * @param high largest value; ∞ where there is none
 * @param direction which values are better
 * @param models folders of the models that it needs; empty for none
 * @param source where the definition comes from
 * @param version raised when the same video gives another value: figures of different versions are
 *     not compared
 */
public record MetricInfo(
        String name,
        String title,
        String formula,
        double low,
        double high,
        Direction direction,
        List<String> models,
        String source,
        int version) {
    public MetricInfo {
        models = List.copyOf(models);
    }
}
