package dev.reelrank.grading.gate;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a gate looks at.
 *
 * @param measures by name, any range; what could not be measured is absent
 * @param defects those that no threshold decides: a video without a picture, missing evidence
 */
public record Signals(Map<String, Double> measures, List<Defect> defects) {
    public Signals {
        measures = Collections.unmodifiableMap(new TreeMap<>(measures));
        defects = List.copyOf(defects);
    }
}
