package dev.reelrank.grading.spatial;

import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.spatial.Segmentation.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a video is composed as the prompt says.
 *
 * @param score mean over objects, relations and movements, 0..1
 * @param present one value an object, 0..1: its share of the picture against the share that counts
 *     as there
 * @param holds one value a relation, 0..1: how clearly it holds
 * @param moved one value a movement of the thing that acts, 0..1
 */
public record Composition(
        double score, List<Double> present, List<Double> holds, List<Double> moved) {
    /**
     * A movement that the prompt promises.
     *
     * @param actor index of the object that moves
     * @param trace the way it went, null if that is not known
     */
    public record Promise(int actor, Movement movement, @Nullable Trace trace) {
        /** How far it is kept, 0..1; empty if that cannot be told. */
        public Optional<Double> kept() {
            return trace == null ? Optional.empty() : Optional.of(movement.kept(trace));
        }
    }

    /** An object that covers a hundredth of the picture is there; a smaller one in proportion. */
    private static final double THERE = 0.01;

    /** Centres this far apart clearly stand beside each other. */
    private static final double CLEAR = 0.15;

    /** Patches of one thing beside the other from which on the two clearly touch. */
    private static final double TOUCHING = 3;

    /** What is behind may reach this much lower: legs, shadows, a coarse grid. */
    private static final double LOWER = 0.05;

    /**
     * Judges pictures by what the prompt says about places and movements.
     *
     * @param objects phrases, in the order of the segmentations' labels
     * @param promises what the objects do; those whose way is not known are not judged
     * @param pictures at least one, in the order of time. What an action sends away stands to
     *     others as the prompt says in the first; everything else does in all of them
     */
    public static Composition of(
            List<String> objects,
            List<Relation> relations,
            List<Promise> promises,
            List<Segmentation> pictures) {
        List<Double> present = new ArrayList<>();
        List<Double> holds = new ArrayList<>();
        for (int o = 0; o < objects.size(); o++) {
            double sum = 0;
            for (Segmentation s : pictures) {
                sum += Math.min(1, s.place(o).share() / THERE);
            }
            present.add(sum / pictures.size());
        }
        for (Relation r : relations) {
            int first = index(objects, r.first());
            int second = index(objects, r.second());
            boolean leaves =
                    promises.stream()
                            .filter(p -> p.movement() != Movement.STILL)
                            .anyMatch(p -> p.actor() == first || p.actor() == second);
            List<Segmentation> judged = leaves ? pictures.subList(0, 1) : pictures;
            double sum = 0;
            for (Segmentation s : judged) {
                if (first >= 0 && second >= 0) {
                    sum += holds(r.kind(), s, first, second);
                }
            }
            holds.add(sum / judged.size());
        }
        List<Double> moved = promises.stream().flatMap(p -> p.kept().stream()).toList();
        double mean =
                Stream.of(present, holds, moved)
                        .flatMap(List::stream)
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElse(0);
        return new Composition(mean, present, holds, moved);
    }

    /** How clearly, 0..1; 0 where one of the two is not there. */
    private static double holds(Relation.Kind kind, Segmentation s, int first, int second) {
        Place a = s.place(first);
        Place b = s.place(second);
        if (a.share() == 0 || b.share() == 0) {
            return 0;
        }
        return switch (kind) {
            case LEFT_OF -> clear(b.x() - a.x());
            case RIGHT_OF -> clear(a.x() - b.x());
            // What stands on something is above it in the picture.
            case ON -> clear(b.y() - a.y()) * a.over(b);
            // What is behind is partly hidden, so the two touch, and reaches less far down: on a
            // common ground the nearer thing stands lower.
            case BEHIND ->
                    Math.min(1, s.touching(first, second) / TOUCHING)
                            * Math.min(1, 2 * clear(b.bottom() - a.bottom() + LOWER));
            case FOREGROUND -> a.bottom() > 0.5 ? 1 : 0;
        };
    }

    /** 1 from a clear distance on, 0.5 for none, 0 for the opposite. */
    private static double clear(double distance) {
        return Math.min(1, Math.max(0, 0.5 + distance / (2 * CLEAR)));
    }

    private static int index(List<String> objects, String phrase) {
        int same = objects.indexOf(phrase);
        if (same >= 0) {
            return same;
        }
        String noun = dev.reelrank.grading.prompt.PromptFacts.noun(phrase);
        for (int i = 0; i < objects.size(); i++) {
            if (dev.reelrank.grading.prompt.PromptFacts.noun(objects.get(i)).equals(noun)) {
                return i;
            }
        }
        return -1;
    }
}
