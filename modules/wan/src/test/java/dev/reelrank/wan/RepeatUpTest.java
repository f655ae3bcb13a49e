package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RepeatUpTest {
    private static final int HEIGHT = 3;
    private static final int WIDTH = 2;

    /** As the published code has it: channels are repeated, then laid out as pixels. */
    private static Tensor published(Tensor x, long channels, long frames) {
        return x.repeat_interleave(
                        channels * frames * 4 / x.size(1), new LongOptional(1), new LongOptional())
                .reshape(x.size(0), channels, frames, 2, 2, HEIGHT, WIDTH)
                .permute(0, 2, 1, 5, 3, 6, 4)
                .reshape(x.size(0) * frames, channels, 2 * HEIGHT, 2 * WIDTH);
    }

    @ParameterizedTest
    @CsvSource({
        "8, 8, 2", "8, 4, 2", "8, 2, 2", "8, 1, 2", "8, 8, 1", "8, 4, 1", "8, 2, 1", "4, 8, 2"
    })
    void shouldAddWhatThePublishedCodeAdds(long in, long channels, int frames) {
        try (var scope = TensorScope.open();
                var cache = new FrameCache()) {
            var shortcut = new RepeatUp(channels, frames);
            for (int count : new int[] {1, 3}) {
                Tensor x = Noise.normal(count, count, in, HEIGHT, WIDTH);
                Tensor all = published(x, channels, frames);
                // The first frame of a video stays one.
                long missing = count == 1 ? frames - 1 : 0;
                Tensor wanted = all.narrow(0, missing, all.size(0) - missing);
                Tensor made = Noise.normal(9, wanted.shape()).contiguous(MemoryFormat.ChannelsLast);
                Tensor sum = made.add(wanted);
                shortcut.addTo(made, x.contiguous(MemoryFormat.ChannelsLast), cache);
                assertThat(Ops.floats(made)).isEqualTo(Ops.floats(sum));
            }
        }
    }
}
