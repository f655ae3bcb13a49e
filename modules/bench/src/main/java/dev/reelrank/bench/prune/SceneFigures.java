package dev.reelrank.bench.prune;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was measured on one scene.
 *
 * @param scene its seed
 * @param quality of each finished candidate by the truth, in the order of the seeds
 * @param ghost of each, share of the subject's area
 * @param winners by the key of a plan: which candidate it ends with
 * @param stepSeconds the mean of all steps
 * @param previewSeconds the mean of all previews, decoding alone
 */
public record SceneFigures(
        long scene,
        List<Double> quality,
        List<Double> ghost,
        Map<String, Integer> winners,
        double stepSeconds,
        double previewSeconds) {
    public SceneFigures {
        quality = List.copyOf(quality);
        ghost = List.copyOf(ghost);
        winners = new TreeMap<>(winners);
    }
}
