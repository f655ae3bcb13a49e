package dev.reelrank.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class FrameDeliveryTest {
    private static Tensor frames(float... grey) {
        Tensor values = Ops.tensor(grey, grey.length, 1, 1, 1);
        return values.repeat(1, 3, 2, 4);
    }

    @Test
    void shouldHandOverEveryFrameOnceAndInOrder() {
        var got = new ArrayList<RgbImage>();
        try (var scope = TensorScope.open();
                var delivery = new FrameDelivery(TorchDevice.cpu(), got::add)) {
            delivery.accept(frames(-1, 0));
            delivery.accept(frames(1));
            delivery.finish();
            delivery.finish();
        }
        assertThat(got).extracting(image -> image.rgb()[0] & 0xff).containsExactly(0, 128, 255);
        assertThat(got).allMatch(image -> image.width() == 4 && image.height() == 2);
    }

    @Test
    void shouldRefuseFramesThatAreNotFinite() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (var scope = TensorScope.open();
                    var delivery = new FrameDelivery(TorchDevice.cpu(), frame -> {})) {
                assertThatThrownBy(
                                () -> {
                                    delivery.accept(frames(0, bad));
                                    delivery.finish();
                                })
                        .isInstanceOf(StageException.class)
                        .hasMessageContaining("not finite");
            }
        }
    }
}
