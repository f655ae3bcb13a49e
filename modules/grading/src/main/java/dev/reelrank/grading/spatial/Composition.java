package dev.reelrank.grading.spatial;

import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.spatial.Segmentation.Place;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a picture is composed as the prompt says.
 *
 * @param score mean over objects, relations and the movement, 0..1
 * @param present one value an object, 0..1: its share of the picture against the share that counts
 *     as there
 * @param holds one value a relation, 0..1: the share of pictures in which it holds
 * @param moved how far the first object went where the prompt sends it, 0..1; null where it sends
 *     it nowhere or there is one picture only
 */
public record Composition(
        double score, List<Double> present, List<Double> holds, @Nullable Double moved) {
    /** An object that covers a hundredth of the picture is there; a smaller one in proportion. */
    private static final double THERE = 0.01;

    /** Centres closer than this stand beside neither side of each other. */
    private static final double MARGIN = 0.02;

    /**
     * @param objects phrases, in the order of the segmentations' labels
     * @param movement of the first object, null for none
     * @param pictures at least one, in the order of time
     */
    public static Composition of(
            List<String> objects,
            List<Relation> relations,
            @Nullable Movement movement,
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
            double sum = 0;
            for (Segmentation s : pictures) {
                if (first >= 0 && second >= 0 && holds(r.kind(), s.place(first), s.place(second))) {
                    sum++;
                }
            }
            holds.add(sum / pictures.size());
        }
        Double moved =
                movement == null || pictures.size() < 2
                        ? null
                        : movement.kept(
                                pictures.get(0).place(0),
                                pictures.get(pictures.size() - 1).place(0));
        double total =
                present.stream().mapToDouble(Double::doubleValue).sum()
                        + holds.stream().mapToDouble(Double::doubleValue).sum()
                        + (moved == null ? 0 : moved);
        int count = present.size() + holds.size() + (moved == null ? 0 : 1);
        return new Composition(total / count, present, holds, moved);
    }

    static boolean holds(Relation.Kind kind, Place a, Place b) {
        if (a.share() == 0 || b.share() == 0) {
            return false;
        }
        return switch (kind) {
            case LEFT_OF -> a.x() < b.x() - MARGIN;
            case RIGHT_OF -> a.x() > b.x() + MARGIN;
            // What stands on something is above it in the picture.
            case ON -> a.y() < b.y() - MARGIN;
            // What is behind reaches less far down: on a common ground the nearer thing stands
            // lower.
            case BEHIND -> a.bottom() <= b.bottom() + MARGIN;
            case FOREGROUND -> a.bottom() > 0.5;
        };
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
