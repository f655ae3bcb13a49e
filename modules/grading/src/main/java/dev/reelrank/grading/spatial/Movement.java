package dev.reelrank.grading.spatial;

import dev.reelrank.grading.spatial.Segmentation.Place;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A way through the picture that an action promises. Turning, hopping and whatever else ends where
 * it began is none: from the first and the last frame it cannot be told.
 */
public enum Movement {
    LEFT(Set.of("left", "leftward", "leftwards")),
    RIGHT(Set.of("right", "rightward", "rightwards")),
    UP(Set.of("up", "upward", "upwards", "rises", "rising", "ascends", "ascending")),
    DOWN(
            Set.of(
                    "down",
                    "downward",
                    "downwards",
                    "sinks",
                    "sinking",
                    "falls",
                    "falling",
                    "descends",
                    "descending")),
    GROW(Set.of("grows", "growing", "larger", "bigger")),
    SHRINK(Set.of("shrinks", "shrinking", "smaller"));

    /** A way of a tenth of the picture keeps the promise fully. */
    private static final double FULL_WAY = 0.1;

    /** So does becoming larger or smaller by 30 %. */
    private static final double FULL_GROWTH = Math.log(1.3);

    private final Set<String> words;

    Movement(Set<String> words) {
        this.words = words;
    }

    /** The way that a sentence such as "the ring slides to the left" speaks of. */
    public static Optional<Movement> of(String action) {
        Set<String> said =
                new HashSet<>(Arrays.asList(action.toLowerCase(Locale.ROOT).split("[^a-z]+")));
        var fitting =
                Arrays.stream(values()).filter(m -> m.words.stream().anyMatch(said::contains));
        var found = fitting.toList();
        // "Up and down", "from left to right": two ways are none that can be told.
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    /**
     * How far the promise is kept: 1 for a full way, 0.5 for standing still, 0 for a full way in
     * the opposite direction or where the thing is not in both pictures.
     */
    public double kept(Place first, Place last) {
        if (first.share() == 0 || last.share() == 0) {
            return 0;
        }
        double way =
                switch (this) {
                    case LEFT -> (first.x() - last.x()) / FULL_WAY;
                    case RIGHT -> (last.x() - first.x()) / FULL_WAY;
                    case UP -> (first.y() - last.y()) / FULL_WAY;
                    case DOWN -> (last.y() - first.y()) / FULL_WAY;
                    case GROW -> Math.log(last.share() / first.share()) / FULL_GROWTH;
                    case SHRINK -> Math.log(first.share() / last.share()) / FULL_GROWTH;
                };
        return Math.min(1, Math.max(0, 0.5 + way / 2));
    }
}
