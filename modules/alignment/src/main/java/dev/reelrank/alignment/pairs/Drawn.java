package dev.reelrank.alignment.pairs;

import java.util.List;

/**
 * What a source made of one sample.
 *
 * @param pairs may be empty
 * @param skipped why comparisons gave no pair, one reason per comparison, in words that are equal
 *     for equal reasons
 */
public record Drawn(List<VideoPair> pairs, List<String> skipped) {
    public Drawn {
        pairs = List.copyOf(pairs);
        skipped = List.copyOf(skipped);
    }

    static Drawn of(VideoPair pair) {
        return new Drawn(List.of(pair), List.of());
    }

    static Drawn skip(String reason) {
        return new Drawn(List.of(), List.of(reason));
    }
}
