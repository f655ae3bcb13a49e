package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TorchDevice;
import org.junit.jupiter.api.Test;

final class RotaryTableTest {
    private static final int[] GRID = {3, 4, 5};

    /** Channels of a head's frame, row and column. */
    private static final int[] DIMS = {44, 42, 42};

    @Test
    void everyPlaceOfTheGridShouldHaveTheAnglesOfItsFrameRowAndColumn() {
        try (var parameters = new Parameters()) {
            var table =
                    RotaryTable.of(GRID[0], GRID[1], GRID[2], 128, TorchDevice.cpu(), parameters);
            float[] cos = Ops.floats(table.cos());
            float[] sin = Ops.floats(table.sin());
            assertThat(table.cos().shape()).containsExactly(1, 60, 1, 64);
            assertThat(table.turns().shape()).containsExactly(1, 60, 1, 64);
            int at = 0;
            for (int token = 0; token < 60; token++) {
                int[] place = {token / 20, token / 5 % 4, token % 5};
                for (int axis = 0; axis < 3; axis++) {
                    for (int i = 0; i < DIMS[axis] / 2; i++) {
                        double angle = place[axis] * (1.0 / Math.pow(10000, 2.0 * i / DIMS[axis]));
                        assertThat(cos[at]).isEqualTo((float) Math.cos(angle));
                        assertThat(sin[at++]).isEqualTo((float) Math.sin(angle));
                    }
                }
            }
            assertThat(at).isEqualTo(cos.length);
        }
    }
}
