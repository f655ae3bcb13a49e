package dev.reelrank.bench.align.result;

import dev.reelrank.testbed.Split;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which clips are compared.
 *
 * @param split test for published figures, validation for choosing
 * @param scenes indices in the split
 * @param seeds of each scene
 */
public record HeldOutChoice(Split split, List<Integer> scenes, List<Long> seeds) {
    public HeldOutChoice {
        scenes = List.copyOf(scenes);
        seeds = List.copyOf(seeds);
    }

    /**
     * Scenes and seeds in a row.
     *
     * @param from first scene
     * @param scenes how many
     * @param firstSeed of each
     * @param seeds how many
     */
    public static HeldOutChoice range(
            Split split, int from, int scenes, long firstSeed, int seeds) {
        return new HeldOutChoice(
                split,
                IntStream.range(from, from + scenes).boxed().toList(),
                LongStream.range(firstSeed, firstSeed + seeds).boxed().toList());
    }

    /** The same seeds of these scenes alone. */
    public HeldOutChoice only(List<Integer> some) {
        return new HeldOutChoice(split, some, seeds);
    }

    List<SceneSample> samples() {
        return scenes.stream().map(i -> new SceneSample(split, i)).toList();
    }
}
