package dev.reelrank.pipeline;

import java.util.BitSet;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Which pixels of an image belong to something. Immutable. */
public final class Mask {
    private final int width;
    private final int height;
    private final BitSet pixels;

    /**
     * @param width pixels, at least 1
     * @param height pixels, at least 1
     * @param pixels bit y × width + x; copied
     */
    public Mask(int width, int height, BitSet pixels) {
        if (width < 1 || height < 1 || pixels.length() > (long) width * height) {
            throw new IllegalArgumentException(
                    "%d bits do not fit a mask of %dx%d".formatted(pixels.length(), width, height));
        }
        this.width = width;
        this.height = height;
        this.pixels = (BitSet) pixels.clone();
    }

    /** Every pixel that at least one of the masks, all of one size, has. */
    public static Mask union(Collection<Mask> masks) {
        var first = masks.iterator().next();
        var all = new BitSet();
        for (var mask : masks) {
            if (mask.width != first.width || mask.height != first.height) {
                throw new IllegalArgumentException("masks of different sizes have no union");
            }
            all.or(mask.pixels);
        }
        return new Mask(first.width, first.height, all);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public boolean at(int x, int y) {
        return pixels.get(y * width + x);
    }

    /** Number of pixels. */
    public int area() {
        return pixels.cardinality();
    }

    /** Share of the image, 0..1. */
    public double share() {
        return area() / ((double) width * height);
    }

    /** Pixels in both, by pixels in either; 1 for two empty masks. Both of one size. */
    public double intersectionOverUnion(Mask other) {
        var both = (BitSet) pixels.clone();
        both.and(other.pixels);
        var either = (BitSet) pixels.clone();
        either.or(other.pixels);
        return either.isEmpty() ? 1 : (double) both.cardinality() / either.cardinality();
    }

    /** The smallest box around all pixels, null for an empty mask. */
    public @Nullable Box box() {
        int left = Integer.MAX_VALUE;
        int top = Integer.MAX_VALUE;
        int right = -1;
        int bottom = -1;
        for (int i = pixels.nextSetBit(0); i >= 0; i = pixels.nextSetBit(i + 1)) {
            int x = i % width;
            int y = i / width;
            left = Math.min(left, x);
            right = Math.max(right, x);
            top = Math.min(top, y);
            bottom = y;
        }
        return right < 0 ? null : new Box(left, top, right + 1, bottom + 1);
    }
}
