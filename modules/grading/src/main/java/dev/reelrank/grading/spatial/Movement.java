package dev.reelrank.grading.spatial;

import dev.reelrank.grading.prompt.Deed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What an action promises to be seen of the thing that acts. */
public enum Movement {
    LEFT("left", "leftward", "leftwards"),
    RIGHT("right", "rightward", "rightwards"),
    UP("up", "upward", "upwards", "rises", "rising", "ascends", "ascending", "climbs", "soars"),
    DOWN(
            "down",
            "downward",
            "downwards",
            "sinks",
            "sinking",
            "falls",
            "falling",
            "descends",
            "descending",
            "drops",
            "plunges",
            "dives"),
    GROW("grows", "growing", "larger", "bigger", "expands", "swells", "enlarges"),
    SHRINK("shrinks", "shrinking", "smaller", "contracts"),
    CLOCKWISE("clockwise"),
    COUNTERCLOCKWISE("counterclockwise", "anticlockwise", "counter-clockwise", "anti-clockwise"),
    /** Up and down again. */
    BOUNCE("bounces", "bouncing", "hops", "hopping", "jumps", "jumping", "leaps"),
    /** Nothing: the thing stays where and as it is. */
    STILL(),
    /** Something that no words here tell more of. */
    ANY();

    /** A way of a tenth of the picture keeps the promise fully. */
    private static final double FULL_WAY = 0.1;

    /** So does becoming larger or smaller by a fifth, */
    private static final double FULL_GROWTH = Math.log(1.2);

    /** turning by 20 degrees, */
    private static final double FULL_TURN = Math.toRadians(20);

    /** or, for a movement of no known way, points that go a fiftieth of the picture. */
    private static final double FULL_STIR = 0.02;

    /** Points that stay within this distance rest, as exactly as flow can tell, */
    private static final double CALM = 0.015;

    /** and those that go this much further do not rest at all. */
    private static final double FULL_UNREST = 0.04;

    private final Set<String> words;

    Movement(String... words) {
        this.words = Set.of(words);
    }

    /**
     * The movements that a deed such as "the ring slides to the left while it turns clockwise"
     * speaks of; {@link #ANY} for one that names none of them, {@link #STILL} for one of rest. Two
     * that exclude each other, as in "from left to right", cannot be measured, except that "up and
     * down" is a bounce.
     */
    public static List<Movement> of(Deed deed) {
        return deed.rest() ? List.of(STILL) : of(deed.sentence());
    }

    private static List<Movement> of(String action) {
        Set<String> said =
                Arrays.stream(action.toLowerCase(Locale.ROOT).split("[^a-z-]+"))
                        .collect(Collectors.toSet());
        var found = EnumSet.noneOf(Movement.class);
        for (Movement m : values()) {
            if (m.words.stream().anyMatch(said::contains)) {
                found.add(m);
            }
        }
        boolean wave = found.contains(UP) && found.contains(DOWN);
        if (found.contains(BOUNCE) || wave) {
            found.removeAll(EnumSet.of(UP, DOWN));
            found.add(BOUNCE);
        }
        if (found.contains(GROW) || found.contains(SHRINK)) {
            // "Swells up", "shrinks down": no way is meant.
            found.removeAll(EnumSet.of(UP, DOWN));
        }
        exclude(found, LEFT, RIGHT);
        exclude(found, GROW, SHRINK);
        exclude(found, CLOCKWISE, COUNTERCLOCKWISE);
        if (found.isEmpty()) {
            found.add(ANY);
        }
        return new ArrayList<>(found);
    }

    private static void exclude(Set<Movement> found, Movement a, Movement b) {
        if (found.contains(a) && found.contains(b)) {
            found.remove(a);
            found.remove(b);
        }
    }

    /** For details: {@code left}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * How far the promise is kept: 1 for a full way, 0.5 for standing still, 0 for a full way in
     * the opposite direction. {@link #ANY} has no opposite: 0 for standing still; nor has {@link
     * #STILL}: 1 for rest, 0 for a clear movement.
     */
    public double kept(Trace trace) {
        Pose last = trace.last();
        double way =
                switch (this) {
                    case LEFT -> -last.x() / FULL_WAY;
                    case RIGHT -> last.x() / FULL_WAY;
                    case UP -> -last.y() / FULL_WAY;
                    case DOWN -> last.y() / FULL_WAY;
                    case GROW -> last.growth() / FULL_GROWTH;
                    case SHRINK -> -last.growth() / FULL_GROWTH;
                    case CLOCKWISE -> last.turn() / FULL_TURN;
                    case COUNTERCLOCKWISE -> -last.turn() / FULL_TURN;
                    // What rose and does not come back went up; what sank did the opposite.
                    case BOUNCE -> (trace.highest() - Math.abs(last.y())) / FULL_WAY;
                    case STILL -> 1 - 2 * (trace.unrest() - CALM) / FULL_UNREST;
                    case ANY -> 2 * trace.stir() / FULL_STIR - 1;
                };
        return Math.min(1, Math.max(0, 0.5 + way / 2));
    }
}
