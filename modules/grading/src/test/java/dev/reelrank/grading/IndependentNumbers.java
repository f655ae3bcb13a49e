package dev.reelrank.grading;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Properties;

/**
 * What src/test/python/vbench_numbers.py computed with NumPy, and the inputs it computed it from.
 */
public final class IndependentNumbers {
    private IndependentNumbers() {}

    public static double[] of(String name) {
        var properties = new Properties();
        try (InputStream in = IndependentNumbers.class.getResourceAsStream("numbers.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Arrays.stream(properties.getProperty(name).split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** Knuth's 64-bit congruential generator, its upper 24 bits as numbers in [0, 1). */
    public static double[] inputs(long seed, int count) {
        double[] values = new double[count];
        long state = seed;
        for (int i = 0; i < count; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            values[i] = (state >>> 40) / (double) (1 << 24);
        }
        return values;
    }
}
