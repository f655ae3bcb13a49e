package dev.reelrank.grading.spatial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.IndependentNumbers;
import org.junit.jupiter.api.Test;

final class ProxyAttentionTest {
    @Test
    void shouldAgreeWithThePublishedMethodComputedIndependently() {
        double[] inputs = IndependentNumbers.inputs(6, 30 * 16);
        float[] features = new float[inputs.length];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) (inputs[i] - 0.3);
        }
        float[] attention = ProxyAttention.of(features, 16);
        double[] expected = IndependentNumbers.of("attention");
        assertThat(attention).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) attention[i]).isCloseTo(expected[i], within(1e-5));
        }
    }

    @Test
    void shouldKeepASmallThingApartFromAPlainGround() {
        // One patch of twenty is different: mean(S) = 0.905, and 1.2 of that exceeds every cosine.
        float[] features = new float[20 * 2];
        for (int i = 0; i < 20; i++) {
            features[2 * i + (i == 7 ? 1 : 0)] = 1;
        }
        float[] attention = ProxyAttention.of(features, 2);
        assertThat((double) attention[7 * 20 + 7]).isCloseTo(1, within(1e-6));
        assertThat(attention[7 * 20 + 3]).isZero();
        assertThat(attention[3 * 20 + 7]).isZero();
        assertThat((double) attention[3 * 20 + 4]).isCloseTo(1.0 / 19, within(1e-6));
    }

    @Test
    void shouldGiveEqualWeightsWhenAllPatchesAreAlike() {
        float[] features = {1, 2, 1, 2, 1, 2, 1, 2};
        for (float a : ProxyAttention.of(features, 2)) {
            assertThat((double) a).isCloseTo(0.25, within(1e-6));
        }
    }

    @Test
    void shouldLeaveAPatchWithoutFeaturesToItself() {
        float[] attention = ProxyAttention.of(new float[] {0, 0, 1, 0, 0, 1}, 2);
        assertThat(attention[0]).isEqualTo(1);
        for (float a : attention) {
            assertThat(a).isBetween(0f, 1f);
        }
    }
}
