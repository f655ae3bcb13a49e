package dev.reelrank.grading.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.IndependentNumbers;
import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BenchmarkFormulasTest {
    @Test
    void shouldMeanTheCosinesWithThePreviousAndTheFirstFrame() {
        // Right angles count 0, the third frame equals the first: (0 + 0) / 2 and (0 + 1) / 2.
        var frames = List.of(new float[] {1, 0}, new float[] {0, 2}, new float[] {3, 0});
        assertThat(BenchmarkFormulas.consistency(frames)).isCloseTo(0.25, within(1e-9));
    }

    @Test
    void shouldNotLetOppositeFramesCountLessThanNothing() {
        var frames = List.of(new float[] {1, 0}, new float[] {-1, 0});
        assertThat(BenchmarkFormulas.consistency(frames)).isZero();
    }

    @Test
    void shouldAgreeWithIndependentNumbersOnConsistencyAndItsNormalisation() {
        double raw = BenchmarkFormulas.consistency(features());
        assertThat(raw).isCloseTo(number("consistency"), within(1e-6));
        assertThat(Dimension.of("subject_consistency", raw, 0.1462, 1, "DINO").score())
                .isCloseTo(number("normalised"), within(1e-6));
    }

    @Test
    void shouldAgreeWithIndependentNumbersOnLikenessToTheInput() {
        float[] reference = floats(IndependentNumbers.inputs(2, 12), 0, 12, -0.2);
        assertThat(BenchmarkFormulas.likeness(reference, features()))
                .isCloseTo(number("likeness"), within(1e-6));
    }

    @Test
    void shouldAgreeWithIndependentNumbersOnFlickeringAndSmoothness() {
        assertThat(BenchmarkFormulas.steadiness(pictures(3)))
                .isCloseTo(number("flickering"), within(1e-9));
        assertThat(BenchmarkFormulas.smoothness(pictures(3), pictures(4)))
                .isCloseTo(number("smoothness"), within(1e-9));
    }

    @Test
    void shouldAgreeWithIndependentNumbersOnTheFastestPixels() {
        float[] flow = floats(IndependentNumbers.inputs(5, 40), 0, 40, 0);
        for (int i = 0; i < flow.length; i++) {
            flow[i] *= 10;
        }
        assertThat(BenchmarkFormulas.meanOfLargest(flow, 0.05))
                .isCloseTo(number("meanOfFastest"), within(1e-5));
    }

    @Test
    void shouldCallAVideoSteadyWhenNothingChanges() {
        assertThat(BenchmarkFormulas.steadiness(List.of(grey(10), grey(10)))).isEqualTo(1);
        // One of 255 steps between two frames.
        assertThat(BenchmarkFormulas.steadiness(List.of(grey(10), grey(61))))
                .isCloseTo(0.8, within(1e-12));
    }

    @Test
    void shouldCallAVideoDynamicWhenAQuarterOfItsPairsMoves() {
        // 256 px: the bar is 6 px; of 8 sampled frames round(4·8/16) = 2 pairs must pass it.
        double[] one = {7, 0, 0, 0, 0, 0, 0};
        double[] two = {7, 0, 0, 6.1, 0, 0, 0};
        double[] onTheBar = {7, 6, 0, 0, 0, 0, 0};
        assertThat(BenchmarkFormulas.dynamicDegree(one, 256, 300, 8)).isLessThan(1);
        assertThat(BenchmarkFormulas.dynamicDegree(two, 256, 300, 8)).isGreaterThan(1);
        assertThat(BenchmarkFormulas.dynamicDegree(onTheBar, 256, 300, 8)).isEqualTo(1);
        assertThat(BenchmarkFormulas.dynamicDegree(two, 512, 512, 8)).isLessThan(1);
        assertThat(BenchmarkFormulas.dynamicDegree(new double[] {}, 256, 256, 1)).isZero();
    }

    @Test
    void shouldClampANormalisedScoreAndTurnRangesRound() {
        assertThat(Dimension.of("d", 0.2, 0.4, 0.8, "m").score()).isZero();
        assertThat(Dimension.of("d", 0.9, 0.4, 0.8, "m").score()).isEqualTo(1);
        assertThat(Dimension.of("d", 0.5, 0.4, 0.8, "m").score()).isCloseTo(0.25, within(1e-12));
        // Less is better: warping error.
        assertThat(Dimension.of("d", 0.01, 0.04, 0, "m").score()).isCloseTo(0.75, within(1e-12));
    }

    private static double number(String name) {
        return IndependentNumbers.of(name)[0];
    }

    private static List<float[]> features() {
        double[] all = IndependentNumbers.inputs(1, 72);
        var frames = new ArrayList<float[]>();
        for (int i = 0; i < 6; i++) {
            frames.add(floats(all, 12 * i, 12, -0.2));
        }
        return frames;
    }

    private static float[] floats(double[] from, int at, int count, double plus) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (from[at + i] + plus);
        }
        return values;
    }

    private static List<RgbImage> pictures(long seed) {
        double[] all = IndependentNumbers.inputs(seed, 5 * 7 * 9 * 3);
        var pictures = new ArrayList<RgbImage>();
        for (int i = 0; i < 5; i++) {
            byte[] rgb = new byte[7 * 9 * 3];
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) (int) Math.floor(all[i * rgb.length + k] * 256);
            }
            pictures.add(new RgbImage(9, 7, rgb));
        }
        return pictures;
    }

    private static RgbImage grey(int value) {
        byte[] rgb = new byte[4 * 4 * 3];
        Arrays.fill(rgb, (byte) value);
        return new RgbImage(4, 4, rgb);
    }
}
