package dev.reelrank.client.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.util.List;

/**
 * One configuration of a study.
 *
 * @param name unique in the study
 * @param settings what is particular about it, for people
 * @param configuration of its run
 * @param choose what decides which candidate stands for a sample
 */
public record PlannedCell(
        String name, String settings, RunConfiguration configuration, Choose choose) {
    /** What decides which candidate stands for a sample. */
    public enum Choose {
        /** The ranking, as in every run. */
        RANKING,
        /** The metrics of the study, each with equal weight. */
        METRICS
    }

    /**
     * The run of this configuration over samples: equal ones share a run, whatever study they stand
     * in.
     *
     * @param inputs of the study, see {@link StudyInputs}
     */
    public String runId(List<String> samples, String inputs) {
        var text = new ObjectMapper().valueToTree(configuration).toString();
        return "study-"
                + Sha256.of(inputs + "\n" + String.join(",", samples) + "\n" + text)
                        .substring(0, 16);
    }
}
