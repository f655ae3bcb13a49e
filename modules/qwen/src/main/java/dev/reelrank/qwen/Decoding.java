package dev.reelrank.qwen;

/**
 * How tokens are chosen.
 *
 * @param maxNewTokens at least 1
 * @param temperature 0 is greedy: the same answer every time; at most 2
 * @param seed of the random numbers when the temperature is above 0
 */
public record Decoding(int maxNewTokens, double temperature, long seed) {
    public Decoding {
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException(
                    "maxNewTokens must be at least 1, was " + maxNewTokens);
        }
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new IllegalArgumentException(
                    "temperature must be between 0 and 2, was " + temperature);
        }
    }

    public static Decoding greedy(int maxNewTokens) {
        return new Decoding(maxNewTokens, 0, 0);
    }
}
