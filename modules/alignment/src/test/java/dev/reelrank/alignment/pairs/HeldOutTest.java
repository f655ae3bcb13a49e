package dev.reelrank.alignment.pairs;

import static dev.reelrank.alignment.pairs.Examples.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class HeldOutTest {
    @Property
    void noSampleStandsOnBothSidesAndNothingIsLost(
            @ForAll @IntRange(min = 2, max = 40) int samples,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double share,
            @ForAll long seed) {
        var pairs = pairs(samples);

        var split = HeldOut.split(pairs, share, seed);

        assertThat(split.training()).isNotEmpty();
        assertThat(split.heldOut()).isNotEmpty();
        assertThat(split.training())
                .extracting(VideoPair::sampleId)
                .doesNotContainAnyElementsOf(
                        split.heldOut().stream().map(VideoPair::sampleId).toList());
        var all = new ArrayList<>(split.training());
        all.addAll(split.heldOut());
        assertThat(all).containsExactlyInAnyOrderElementsOf(pairs);
        assertThat(HeldOut.split(pairs, share, seed)).isEqualTo(split);
    }

    @Test
    void oneSampleAloneCannotBeJudgedOnHeldOutSamples() {
        var pairs = List.of(pair("a", "x", "y"), pair("a", "x", "z"));

        assertThatThrownBy(() -> HeldOut.split(pairs, 0.1, 1))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("1 sample(s)")
                .hasMessageContaining("align.heldOut=0");
        assertThat(HeldOut.split(pairs, 0, 1).training()).hasSize(2);
    }

    private static List<VideoPair> pairs(int samples) {
        return IntStream.range(0, samples)
                .boxed()
                .flatMap(
                        i ->
                                List.of(pair("s" + i, "w" + i, "l"), pair("s" + i, "w" + i, "m"))
                                        .stream())
                .toList();
    }
}
