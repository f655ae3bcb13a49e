package dev.reelrank.torch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.train.LearningRate.Shape;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class LearningRateTest {
    @Example
    void shouldRiseThenStay() {
        var rate = new LearningRate(0.1, Shape.CONSTANT, 4, 10);
        assertThat(rate.at(0)).isZero();
        assertThat(rate.at(1)).isCloseTo(0.025, within(1e-12));
        assertThat(rate.at(4)).isEqualTo(0.1);
        assertThat(rate.at(9)).isEqualTo(0.1);
    }

    @Property
    void shouldNeverLeaveTheRangeAndNeverRiseAfterTheWarmUp(
            @ForAll @IntRange(min = 1, max = 200) int steps,
            @ForAll @IntRange(max = 200) int wanted,
            @ForAll Shape shape) {
        int warmup = Math.min(wanted, steps);
        var rate = new LearningRate(1, shape, warmup, steps);
        for (int step = 0; step < steps; step++) {
            assertThat(rate.at(step)).isBetween(0.0, 1.0);
            if (step > warmup) {
                assertThat(rate.at(step)).isLessThanOrEqualTo(rate.at(step - 1));
            }
        }
    }

    @Example
    void shouldRefuseARateThatCannotTrain() {
        for (double base : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new LearningRate(base, Shape.CONSTANT, 0, 1))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("learning rate");
        }
        assertThatThrownBy(() -> new LearningRate(1, Shape.CONSTANT, 5, 4))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("warm-up");
        assertThatThrownBy(() -> Shape.parse("linear"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("cosine");
    }
}
