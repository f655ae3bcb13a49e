package dev.reelrank.alignment.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class NoiseJitterTest {
    private static final double STRENGTH = 0.1;
    private final RgbImage gray = gray(128);

    @Test
    void theNoiseHasTheStrengthAsItsDeviation() {
        var spoilt = new NoiseJitter(STRENGTH, 7).apply(gray, 0);

        for (int channel = 0; channel < 3; channel++) {
            double mean = mean(spoilt, channel);
            double square = 0;
            for (int i = channel; i < spoilt.rgb().length; i += 3) {
                square += Math.pow((spoilt.rgb()[i] & 0xff) / 255.0 - mean, 2);
            }
            double deviation = Math.sqrt(square / (spoilt.rgb().length / 3));
            assertThat(deviation).isCloseTo(STRENGTH, Offset.offset(0.003));
            assertThat(Math.abs(mean - 128 / 255.0)).isLessThan(STRENGTH * 0.25 + 0.003);
        }
    }

    @Test
    void eachFrameHasAColourShiftOfItsOwn() {
        var jitter = new NoiseJitter(0.3, 7);

        double[] shifts = new double[8];
        for (int frame = 0; frame < shifts.length; frame++) {
            shifts[frame] = mean(jitter.apply(gray, frame), 0);
        }

        assertThat(Arrays.stream(shifts).max().orElseThrow())
                .isGreaterThan(Arrays.stream(shifts).min().orElseThrow() + 0.03);
    }

    @Test
    void theSameSeedGivesTheSameBytesAndLeavesTheFrameAlone() {
        var once = new NoiseJitter(STRENGTH, 7).apply(gray, 3);
        var again = new NoiseJitter(STRENGTH, 7).apply(gray, 3);
        var other = new NoiseJitter(STRENGTH, 8).apply(gray, 3);

        assertThat(again.rgb()).isEqualTo(once.rgb());
        assertThat(other.rgb()).isNotEqualTo(once.rgb());
        assertThat(gray.rgb()).isEqualTo(gray(128).rgb());
    }

    @Test
    void refusesAStrengthOutOfRange() {
        for (double strength : new double[] {0, -1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new NoiseJitter(strength, 1))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("jitter strength");
        }
    }

    private static double mean(RgbImage image, int channel) {
        double sum = 0;
        for (int i = channel; i < image.rgb().length; i += 3) {
            sum += (image.rgb()[i] & 0xff) / 255.0;
        }
        return sum / (image.rgb().length / 3);
    }

    private static RgbImage gray(int value) {
        var rgb = new byte[96 * 96 * 3];
        Arrays.fill(rgb, (byte) value);
        return new RgbImage(96, 96, rgb);
    }
}
