package dev.reelrank.ranking;

/** Arithmetic on embeddings. */
public final class Vectors {
    private Vectors() {}

    /** Cosine of the angle between two vectors, −1..1; 0 if one of them is zero. */
    public static double cosine(float[] a, float[] b) {
        return cosine(a, 0, b, a.length);
    }

    /** Cosine between {@code length} values of {@code a} from {@code offset} on and {@code b}. */
    static double cosine(float[] a, int offset, float[] b, int length) {
        if (b.length != length || a.length < offset + length) {
            throw new IllegalArgumentException(
                    "vectors of %d and %d values have no angle".formatted(length, b.length));
        }
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < length; i++) {
            product += (double) a[offset + i] * b[i];
            lengthA += (double) a[offset + i] * a[offset + i];
            lengthB += (double) b[i] * b[i];
        }
        if (lengthA == 0 || lengthB == 0) {
            return 0;
        }
        return Math.max(-1, Math.min(1, product / Math.sqrt(lengthA * lengthB)));
    }
}
