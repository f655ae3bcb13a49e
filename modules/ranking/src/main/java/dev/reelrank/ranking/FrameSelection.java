package dev.reelrank.ranking;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Which frames of a video are looked at. */
public final class FrameSelection {
    private FrameSelection() {}

    /**
     * Evenly spread frames, always with the first and the last: frame i of n is round(i · (count −
     * 1) ÷ (n − 1)).
     *
     * @param count frames of the video, at least 1
     * @param wanted how many, at least 1; one means the first
     * @return ascending, without repetition, min(count, wanted) of them
     */
    public static int[] evenly(int count, int wanted) {
        if (count < 1 || wanted < 1) {
            throw new IllegalArgumentException(
                    "cannot choose %d of %d frames".formatted(wanted, count));
        }
        int n = Math.min(count, wanted);
        if (n == 1) {
            return new int[] {0};
        }
        return IntStream.range(0, n)
                .map(i -> (int) Math.round((double) i * (count - 1) / (n - 1)))
                .toArray();
    }

    /**
     * Of several chosen frames the one nearest in time, the earlier of two equally near.
     *
     * @param chosen ascending, at least one
     * @return index into {@code chosen}
     */
    public static int nearest(int[] chosen, int frame) {
        int best = 0;
        for (int i = 1; i < chosen.length; i++) {
            if (Math.abs(chosen[i] - frame) < Math.abs(chosen[best] - frame)) {
                best = i;
            }
        }
        return best;
    }

    /** Evenly spread members of a choice, always with its first and last. */
    public static int[] among(int[] chosen, int wanted) {
        return Arrays.stream(evenly(chosen.length, wanted)).map(i -> chosen[i]).toArray();
    }
}
