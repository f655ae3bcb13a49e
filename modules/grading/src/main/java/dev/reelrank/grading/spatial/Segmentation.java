package dev.reelrank.grading.spatial;

import dev.reelrank.pipeline.Box;
import java.util.List;

/**
 * Which phrase each patch of a picture belongs to: the most similar one, {@code softmax(40·cos)}
 * over all phrases.
 *
 * @param width patches across
 * @param height patches downwards
 * @param labels index of the phrase a patch belongs to, row by row
 * @param objects how many phrases are objects; labels from there on are background
 */
public record Segmentation(int width, int height, int[] labels, int objects) {
    /**
     * Where a phrase was found.
     *
     * @param share of the picture, 0..1
     * @param x of its centre of mass, 0 left to 1 right; 0.5 where there is none
     * @param y of its centre of mass, 0 top to 1 bottom
     * @param left edge of its box, 0..1
     * @param top highest row it reaches, 0..1
     * @param right edge of its box, 0..1
     * @param bottom lowest row it reaches, 0..1
     */
    public record Place(
            double share,
            double x,
            double y,
            double left,
            double top,
            double right,
            double bottom) {
        /** Nowhere. */
        static final Place NOWHERE = new Place(0, 0.5, 0.5, 0, 0, 0, 0);

        /** Its box on a picture of this size, pixels. */
        public Box box(int width, int height) {
            return new Box(left * width, top * height, right * width, bottom * height);
        }

        /** How much of the narrower of two boxes lies above or below the other, 0..1. */
        double over(Place other) {
            double common = Math.min(right, other.right) - Math.max(left, other.left);
            double narrower = Math.min(right - left, other.right - other.left);
            return narrower <= 0 ? 0 : Math.max(0, common / narrower);
        }
    }

    /**
     * Gives every patch to the phrase that it is most like.
     *
     * @param patches shape (width × height, size), not normalised
     * @param phrases one embedding a phrase, of {@code size} values; the objects first, then what
     *     stands for the background
     * @param objects how many of them are objects
     */
    public static Segmentation of(
            int width, int height, float[] patches, List<float[]> phrases, int objects) {
        int size = phrases.get(0).length;
        int[] labels = new int[width * height];
        for (int p = 0; p < labels.length; p++) {
            double best = Double.NEGATIVE_INFINITY;
            for (int f = 0; f < phrases.size(); f++) {
                double dot = 0;
                double norm = 0;
                float[] phrase = phrases.get(f);
                for (int k = 0; k < size; k++) {
                    dot += (double) patches[p * size + k] * phrase[k];
                    norm += (double) phrase[k] * phrase[k];
                }
                // The patch's own length is the same for every phrase.
                double similarity = dot / Math.max(Math.sqrt(norm), 1e-12);
                if (similarity > best) {
                    best = similarity;
                    labels[p] = f;
                }
            }
        }
        return new Segmentation(width, height, labels, objects);
    }

    /** Where the phrase with this index is. */
    public Place place(int phrase) {
        int count = 0;
        double x = 0;
        double y = 0;
        int lowest = -1;
        int highest = height;
        int leftmost = width;
        int rightmost = -1;
        for (int p = 0; p < labels.length; p++) {
            if (labels[p] == phrase) {
                count++;
                x += p % width + 0.5;
                int row = p / width;
                y += row + 0.5;
                highest = Math.min(highest, row);
                lowest = row;
                leftmost = Math.min(leftmost, p % width);
                rightmost = Math.max(rightmost, p % width);
            }
        }
        return count == 0
                ? Place.NOWHERE
                : new Place(
                        (double) count / labels.length,
                        x / count / width,
                        y / count / height,
                        (double) leftmost / width,
                        (double) highest / height,
                        (rightmost + 1.0) / width,
                        (lowest + 1.0) / height);
    }

    /** How many patches of one phrase have one of another beside them, corners included. */
    int touching(int phrase, int other) {
        int count = 0;
        for (int p = 0; p < labels.length; p++) {
            if (labels[p] == phrase && beside(p % width, p / width, other)) {
                count++;
            }
        }
        return count;
    }

    private boolean beside(int x, int y, int other) {
        for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
            for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
                if (labels[v * width + u] == other) {
                    return true;
                }
            }
        }
        return false;
    }
}
