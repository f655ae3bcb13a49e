package dev.reelrank.diffusion.text;

/** T5's buckets of relative positions, bidirectional: half of them for keys to the right. */
public final class RelativePositions {
    private RelativePositions() {}

    /**
     * The bucket of every (query, key) pair, row by row: exact up to a quarter of the buckets, then
     * logarithmic up to the largest distance.
     */
    public static long[] buckets(int length, long buckets, long maxDistance) {
        long side = buckets / 2;
        long exact = side / 2;
        long[] result = new long[length * length];
        for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
                long distance = Math.abs(key - query);
                long bucket = distance;
                if (distance >= exact) {
                    double position =
                            (float) Math.log((double) distance / exact)
                                    / Math.log((double) maxDistance / exact)
                                    * (side - exact);
                    bucket = Math.min(exact + (long) position, side - 1);
                }
                result[query * length + key] = bucket + (key > query ? side : 0);
            }
        }
        return result;
    }
}
