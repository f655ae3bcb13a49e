package dev.reelrank.alignment.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against OpenCV, SciPy and NumPy: make_steadiness.py draws the same clips. */
final class ClipMetricsTest {
    private static final Path FIXTURE =
            Path.of("src/test/resources/alignment/compare/steadiness.json");
    private static final int WIDTH = 48;
    private static final int HEIGHT = 40;
    private static final int FRAMES = 4;

    static List<RgbImage> clip(double speed, double flicker) {
        var frames = new ArrayList<RgbImage>();
        for (int t = 0; t < FRAMES; t++) {
            double gain = 1 - flicker * (t % 2);
            var rgb = new byte[WIDTH * HEIGHT * 3];
            for (int y = 0; y < HEIGHT; y++) {
                for (int x = 0; x < WIDTH; x++) {
                    for (int c = 0; c < 3; c++) {
                        double value =
                                (128
                                                + 60 * Math.sin((x - speed * t) * 0.35 + c)
                                                + 50 * Math.cos(y * 0.27 + 0.5 * c))
                                        * gain;
                        rgb[(y * WIDTH + x) * 3 + c] =
                                (byte) Math.floor(Math.max(0, Math.min(255, value)) + 0.5);
                    }
                }
            }
            frames.add(new RgbImage(WIDTH, HEIGHT, rgb));
        }
        return frames;
    }

    @Test
    void shouldMeasureWhatOpenCvAndNumPyMeasure() throws IOException {
        var cases = new ObjectMapper().readTree(FIXTURE.toFile()).path("cases");
        assertThat(cases).hasSize(5);
        for (var wanted : cases) {
            var figures =
                    ClipMetrics.of(
                            clip(
                                    wanted.path("speed").asDouble(),
                                    wanted.path("flicker").asDouble()));
            figures.forEach(
                    (metric, value) -> {
                        double expected = wanted.path("figures").path(metric).asDouble(-1);
                        assertThat(value)
                                .as("%s of %s", metric, wanted)
                                .isCloseTo(expected, within(1e-4 + 0.002 * expected));
                    });
        }
    }

    @Test
    void shouldFindAStillClipSteadyAndMotionless() {
        var still = ClipMetrics.of(clip(0, 0));
        // Farnebäck's flow of equal frames is a few thousandths of a pixel.
        assertThat(still.values()).allMatch(value -> value < 0.01);
    }

    @Test
    void shouldNotTakeFlickerForMotion() {
        double moving = ClipMetrics.of(clip(1.5, 0)).get(ClipMetrics.MOTION);
        double flickering = ClipMetrics.of(clip(1.5, 0.2)).get(ClipMetrics.MOTION);
        double still = ClipMetrics.of(clip(0, 0.2)).get(ClipMetrics.MOTION);
        assertThat(flickering).isCloseTo(moving, within(0.05 * moving));
        assertThat(still).isLessThan(0.05 * moving);
    }

    @Test
    void shouldFindFlickerUnsteady() {
        var steady = ClipMetrics.of(clip(1.5, 0));
        var flickering = ClipMetrics.of(clip(1.5, 0.2));
        assertThat(flickering.get(ClipMetrics.WARPING_ERROR))
                .isGreaterThan(1.3 * steady.get(ClipMetrics.WARPING_ERROR));
        assertThat(flickering.get(ClipMetrics.WARPING_ERROR_COMPENSATED))
                .isGreaterThan(5 * steady.get(ClipMetrics.WARPING_ERROR_COMPENSATED));
        assertThat(flickering.get(ClipMetrics.FRAME_DIFFERENCE))
                .isGreaterThan(1.3 * steady.get(ClipMetrics.FRAME_DIFFERENCE));
    }

    @Test
    void shouldRefuseASingleFrame() {
        assertThatThrownBy(() -> ClipMetrics.of(clip(0, 0).subList(0, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2 frames");
    }
}
