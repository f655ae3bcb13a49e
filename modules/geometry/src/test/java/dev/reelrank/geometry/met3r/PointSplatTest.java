package dev.reelrank.geometry.met3r;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Points that are drawn, against PyTorch3D's rule written out (make_met3r.py) and by hand. */
final class PointSplatTest {
    private static final int SIDE = 64;
    private static final float RADIUS = 0.05f;
    private static final float EMPTY = -10000;

    @Test
    void shouldMixThePointsOfEachPixelAsPyTorch3dDoes() {
        try (var file =
                        SafetensorsFile.open(
                                Path.of("src/test/resources/met3r/splat.safetensors"));
                var scope = TensorScope.inference()) {
            float[] colours = Ops.floats(file.tensor("colours"));
            float[] image = Ops.floats(file.tensor("image"));
            var splat = PointSplat.of(Ops.floats(file.tensor("points")), 0.9f, 1.1f, SIDE, RADIUS);
            int covered = 0;
            for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                assertThat(splat.covered(pixel)).isEqualTo(image[3 * pixel] != EMPTY);
                if (!splat.covered(pixel)) {
                    continue;
                }
                covered++;
                for (int c = 0; c < 3; c++) {
                    double mixed = 0;
                    for (int k = 0; k < PointSplat.MOST; k++) {
                        int at = pixel * PointSplat.MOST + k;
                        if (splat.index()[at] >= 0) {
                            mixed += splat.weight()[at] * colours[3 * splat.index()[at] + c];
                        }
                    }
                    assertThat(mixed).isCloseTo(image[3 * pixel + c], within(1e-4));
                }
            }
            assertThat(covered).isGreaterThan(SIDE * SIDE / 4);
        }
    }

    @Test
    void shouldPutTheNearestPointInFrontAndIgnoreWhatIsBehindTheCamera() {
        float[] points = {0.01f, 0, 3, 0, 0, 1, 0, 0.01f, 2, 0, 0, -1};
        var splat = PointSplat.of(points, 1, 1, 65, 0.05f);
        int middle = (32 * 65 + 32) * PointSplat.MOST;
        assertThat(splat.index()[middle]).isEqualTo(1);
        assertThat(splat.index()[middle + 1]).isEqualTo(2);
        assertThat(splat.index()[middle + 2]).isZero();
        assertThat(splat.index()[middle + 3]).isEqualTo(-1);
        // The nearest lies in the middle of the pixel and hides the others.
        assertThat(splat.weight()[middle]).isEqualTo(1);
        assertThat(splat.weight()[middle + 1]).isZero();
    }

    @Test
    void shouldLetTheFirstOfEquallyNearPointsStayInFront() {
        var splat = PointSplat.of(new float[] {0, 0, 1, 0, 0, 1}, 1, 1, 65, 0.05f);
        assertThat(splat.index()[(32 * 65 + 32) * PointSplat.MOST]).isZero();
    }
}
