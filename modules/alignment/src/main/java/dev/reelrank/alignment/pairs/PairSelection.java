package dev.reelrank.alignment.pairs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The pairs of many samples, each pair once, with a count of why others were skipped.
 *
 * @param pairs in the order of the samples
 * @param samples how many samples were looked at
 * @param skipped how often each reason was given
 */
public record PairSelection(
        List<VideoPair> pairs, int samples, SortedMap<String, Integer> skipped) {
    public PairSelection {
        pairs = List.copyOf(pairs);
    }

    /**
     * Asks the source about every sample.
     *
     * @param samples in the order in which the pairs shall stand
     */
    public static PairSelection draw(PairSource source, Iterable<JudgedSample> samples) {
        Map<String, VideoPair> pairs = new LinkedHashMap<>();
        var skipped = new TreeMap<String, Integer>();
        int count = 0;
        for (var sample : samples) {
            count++;
            var drawn = source.draw(sample);
            drawn.skipped().forEach(reason -> skipped.merge(reason, 1, Integer::sum));
            for (var pair : drawn.pairs()) {
                if (pairs.putIfAbsent(pair.id(), pair) != null) {
                    skipped.merge("the same pair was drawn before", 1, Integer::sum);
                }
            }
        }
        return new PairSelection(new ArrayList<>(pairs.values()), count, skipped);
    }
}
