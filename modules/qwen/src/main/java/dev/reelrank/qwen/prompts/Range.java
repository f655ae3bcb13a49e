package dev.reelrank.qwen.prompts;

/**
 * A closed range of counts.
 *
 * @param min at least 0
 * @param max at least {@code min}
 */
public record Range(int min, int max) {
    public Range {
        if (min < 0 || max < min) {
            throw new IllegalArgumentException("no range: " + min + " to " + max);
        }
    }

    boolean contains(int value) {
        return min <= value && value <= max;
    }

    @Override
    public String toString() {
        return min + " to " + max;
    }
}
