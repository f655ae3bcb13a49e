package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** What the autoencoder leaves out where nothing moves. */
final class StillVideoIT {
    private static final int FRAMES = 81;

    @Test
    void shouldGiveTheSameLatentsBitForBitWithoutComputingWhatRepeats() {
        var snapshot = WanSnapshot.open(Fixtures.I2V);
        try (var scope = TensorScope.open();
                var source = Checkpoint.open(Fixtures.I2V.resolve("vae"));
                var vae = new Vae(snapshot.vae(), source, TorchDevice.cpu(), DType.FLOAT32)) {
            Tensor still = imageAndGrey();
            boolean[] repeated = Vae.repeated(still, 4);
            assertThat(repeated).hasSize(20).contains(true);
            assertThat(repeated[0]).isFalse();
            assertEqual(vae, still, repeated);
            // Something moves for a moment: what was left out before must not show afterwards.
            Tensor moving = still.clone();
            moving.narrow(0, 50, 2).copy_(Noise.uniform(3, -1, 1, 2, 3, 32, 24));
            boolean[] interrupted = Vae.repeated(moving, 4);
            assertThat(interrupted[12]).isFalse();
            assertThat(interrupted[13]).isFalse();
            assertThat(interrupted[14]).isTrue();
            assertEqual(vae, moving, interrupted);
        }
    }

    private static Tensor imageAndGrey() {
        Tensor image = Noise.uniform(1, -1, 1, 1, 3, 32, 24);
        Tensor grey = Ops.zeros(TorchDevice.cpu(), DType.FLOAT32, FRAMES - 1, 3, 32, 24);
        return Ops.cat(0, image, grey);
    }

    private static void assertEqual(Vae vae, Tensor video, boolean[] repeated) {
        Tensor all = vae.encodeWhole(video, new boolean[repeated.length]);
        assertThat(vae.encodeWhole(video, repeated).equal(all)).isTrue();
        assertThat(Ops.isFinite(all)).isTrue();
    }

    @Test
    void aFullVideoOfGreyFramesShouldLeaveOutMostOfTheLargeLayers() {
        var snapshot = WanSnapshot.open(Fixtures.I2V);
        try (var source = Checkpoint.open(Fixtures.I2V.resolve("vae"));
                var vae = new Vae(snapshot.vae(), source, TorchDevice.cpu(), DType.FLOAT32)) {
            int[] settled = new int[20];
            Arrays.setAll(settled, i -> vae.settled(i, 4));
            // The first convolution looks back one chunk, a residual block two, a step down none.
            assertThat(Arrays.copyOf(settled, 5)).containsExactly(0, 0, 1, 1, 3);
            assertThat(settled).isSorted();
            assertThat(settled[19]).isGreaterThan(8);
        }
    }
}
