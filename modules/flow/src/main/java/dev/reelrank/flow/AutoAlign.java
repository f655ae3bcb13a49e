package dev.reelrank.flow;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trainings that flow starts by itself.
 *
 * @param name of the adapter that is trained
 * @param every number of new pairs that starts a training, at least 2
 * @param minimumGap of the composite between the best and the worst candidate of a sample; a
 *     smaller one makes no pair
 * @param sources where pairs come from, some of {@link #RANKING} and {@link #SELECTIONS}; null, as
 *     in files that were written before there was a choice, for rankings
 * @param config how it is trained
 */
public record AutoAlign(
        String name,
        int every,
        double minimumGap,
        @Nullable List<String> sources,
        AlignConfig config) {
    /** The best against the worst candidate of each sample that is ranked. */
    public static final String RANKING = "ranking";

    /** What people choose, in the studio or with {@code select}. */
    public static final String SELECTIONS = "selections";

    public AutoAlign {
        sources = sources == null ? List.of(RANKING) : List.copyOf(sources);
        if (sources.isEmpty() || !List.of(RANKING, SELECTIONS).containsAll(sources)) {
            throw invalid("sources", sources, "ranking, selections, or both");
        }
        Ids.requireSampleId(name);
        if (every < 2) {
            throw invalid("every", every, "at least 2");
        }
        if (!(minimumGap >= 0)) {
            throw invalid("minimumGap", minimumGap, "at least 0");
        }
    }

    /** Whether pairs come from there. */
    public boolean from(String source) {
        return sources != null && sources.contains(source);
    }

    private static StageException invalid(String key, Object value, String rule) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "align.auto.%s is %s; it must be %s".formatted(key, value, rule));
    }
}
