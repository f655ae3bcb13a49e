package dev.reelrank.bench.hostile;

import java.util.Arrays;
import java.util.Random;

/** Changes well-formed bytes a little: most of what breaks a reader is nearly right. */
final class Mutation {
    private static final int LEAST = 10;

    private Mutation() {}

    /**
     * One to four changes: bits, bytes, numbers at their limits, cuts, repetitions.
     *
     * @param keep the first bytes stay as they are
     */
    static byte[] of(byte[] seed, int keep, Random random) {
        byte[] bytes = seed.clone();
        for (int change = random.nextInt(4);
                change >= 0 && bytes.length >= keep + LEAST;
                change--) {
            int at = keep + random.nextInt(bytes.length - keep - 8);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) 0xff);
                case 3 -> Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) 0);
                case 4 -> bytes = Arrays.copyOf(bytes, at + 1);
                default -> {
                    int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
                    System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    /** Any bytes, also none. */
    static byte[] any(Random random) {
        byte[] bytes = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }
}
