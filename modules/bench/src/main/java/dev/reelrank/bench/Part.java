package dev.reelrank.bench;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The scenes of one of several processes: every {@code of}th from {@code first} on.
 *
 * @param first 0 to of − 1
 * @param of how many processes share the scenes, at least 1
 */
public record Part(int first, int of) {
    /** Everything. */
    public static final Part WHOLE = new Part(0, 1);

    /**
     * Reads what {@code --part} says.
     *
     * @throws StageException INVALID_CONFIG unless it is K/N with K from 0 to N − 1
     */
    public static Part parse(String text) {
        var numbers = text.split("/", -1);
        try {
            if (numbers.length == 2) {
                var part = new Part(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
                if (part.first >= 0 && part.first < part.of) {
                    return part;
                }
            }
        } catch (NumberFormatException e) {
            // Said below, as for any other wrong form.
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "--part '" + text + "' is not like 0/4 (the first of four parts) to 3/4");
    }

    /** Its scenes among so many. */
    public List<Integer> indices(int scenes) {
        return IntStream.range(0, scenes).filter(i -> i % of == first).boxed().toList();
    }
}
