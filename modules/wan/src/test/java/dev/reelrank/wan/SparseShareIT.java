package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.Generation;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Sparse self-attention of weights that were not trained for it. */
final class SparseShareIT {
    private final TorchDevice cpu = TorchDevice.cpu();
    private final WanSnapshot snapshot = WanSnapshot.open(Fixtures.I2V);

    /** What was made: its frames, and what it tells. */
    private record Made(List<byte[]> frames, Generation generation) {}

    private Made made(double... shareStepsLayersKernel) {
        String[] names = {"sparseShare", "sparseDenseSteps", "sparseDenseLayers", "sparseKernel"};
        var settings = Fixtures.settings(64, 64, 9, 3, 1, "", "euler", 5, 0.5);
        for (int i = 0; i < shareStepsLayersKernel.length; i++) {
            settings = settings.with(names[i], shareStepsLayersKernel[i]);
        }
        var load = snapshot.loadSettings(Precision.FP32, "none", List.of(), cpu);
        byte[] pixels = new byte[64 * 64 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 31);
        }
        try (var pipeline = snapshot.load(load, cpu);
                var conditioning =
                        pipeline.condition(settings, "a cat", new RgbImage(64, 64, pixels))) {
            var frames = new ArrayList<byte[]>();
            var generation =
                    pipeline.generate(
                                    conditioning,
                                    3,
                                    null,
                                    GenerationListener.NONE,
                                    frame -> frames.add(frame.rgb()))
                            .orElseThrow();
            return new Made(frames, generation);
        }
    }

    @Test
    void shouldGiveEqualFramesWhereNothingIsLeftOut() {
        var dense = made();
        assertThat(dense.generation().facts()).doesNotContainKey("keptBlocks");
        var whole = made(1);
        assertThat(whole.generation().facts()).doesNotContainKey("keptBlocks");
        // Both layers are the first or the last.
        var ends = made(0.2, 0, 1);
        assertThat(ends.generation().facts()).containsEntry("keptBlocks", 1.0);
        for (int i = 0; i < 9; i++) {
            assertThat(whole.frames().get(i)).isEqualTo(dense.frames().get(i));
            assertThat(ends.frames().get(i)).isEqualTo(dense.frames().get(i));
        }
    }

    @Test
    void shouldTellHowMuchWasComputedAndKeepTheEndsDense() {
        var all = made(0.3, 0, 0);
        double kept = all.generation().facts().get("keptBlocks");
        assertThat(kept).isBetween(0.05, 0.9);
        assertThat(all.frames()).isNotEqualTo(made().frames());
        // One of three steps is sparse now.
        double less = made(0.3, 1, 0).generation().facts().get("keptBlocks");
        assertThat(less).isBetween(2 / 3.0, 1.0);
    }

    @Test
    void shouldNameTheDenseEndsThatWereLeftOpen() {
        var settings = Fixtures.settings(64, 64, 9, 3, 1, "", "euler", 5, 0.5);
        assertThat(new TreeMap<>(snapshot.complete(settings.with("sparseShare", 0.9)).parameters()))
                .containsEntry("sparseDenseSteps", 1.0)
                .containsEntry("sparseDenseLayers", 1.0);
        assertThat(snapshot.complete(settings).parameters()).doesNotContainKey("sparseDenseSteps");
    }

    @Test
    void shouldComputeWithLibtorchWhereThereIsNoKernel() {
        var asked = made(0.5, 0, 0, 1).frames();
        var plain = made(0.5, 0, 0, 0).frames();
        for (int i = 0; i < 9; i++) {
            assertThat(asked.get(i)).isEqualTo(plain.get(i));
        }
    }
}
