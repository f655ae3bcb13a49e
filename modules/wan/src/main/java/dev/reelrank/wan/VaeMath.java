package dev.reelrank.wan;

import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The VAE's normalisation: each position's channels to length sqrt(channels), times gamma. On a GPU
 * with SiLU in one pass, by kernels compiled for each number of channels.
 */
final class VaeMath implements AutoCloseable {
    /** Root mean square norm has an epsilon where this norm has none: far below float32 squares. */
    private static final double NEARLY_ZERO = 1e-30;

    private static final int THREADS = 256;
    private static final int POSITIONS_PER_BLOCK = THREADS / 16;
    private static final int BLOCKS_PER_PROCESSOR = 16;

    private final TorchDevice device;

    /** One thread may encode an image while another one decodes a video. */
    private final Map<Long, CudaKernels> kernels = new ConcurrentHashMap<>();

    private final PictureKernels pictures;

    VaeMath(TorchDevice device) {
        this.device = device;
        pictures = new PictureKernels(device);
    }

    /**
     * Whether {@link #normSilu} writes to a given tensor: on a GPU from 8.0 on, for pairs of
     * channels.
     */
    boolean fused(Tensor x) {
        return device.hasOwnKernels() && x.size(1) % 2 == 0;
    }

    /** What adds pictures. */
    PictureKernels pictures() {
        return pictures;
    }

    /** Shape (frames, channels, height, width), channels last in memory, as x. */
    Tensor norm(Tensor x, Tensor gamma) {
        Tensor last = x.permute(0, 2, 3, 1);
        return torch.rms_norm(
                        last,
                        new long[] {gamma.size(0)},
                        new TensorOptional(gamma),
                        new DoubleOptional(NEARLY_ZERO))
                .permute(0, 3, 1, 2);
    }

    /** Followed by {@code x · sigmoid(x)}. */
    Tensor normSilu(Tensor x, Tensor gamma) {
        return torch.silu_(norm(x, gamma));
    }

    /**
     * The same, written to a part of a larger tensor: see {@link #fused}.
     *
     * @param before a number for each channel, added to x before the norm; null for none
     * @param out as x, channels last in memory without gaps
     */
    void normSilu(Tensor x, @Nullable Tensor before, Tensor gamma, Tensor out) {
        Tensor dense = x.contiguous(torch.MemoryFormat.ChannelsLast);
        long channels = x.size(1);
        long positions = x.numel() / channels;
        CudaKernels kernel =
                kernels.computeIfAbsent(
                        channels,
                        c ->
                                CudaKernels.compile(
                                        device,
                                        VaeMath.class,
                                        "vae_kernels.cu",
                                        Map.of("CHANNELS", c)));
        long blocks = (positions + POSITIONS_PER_BLOCK - 1) / POSITIONS_PER_BLOCK;
        kernel.launch(
                DType.of(x) == DType.BFLOAT16 ? "norm_silu_bf16" : "norm_silu_float",
                kernel.blocks(blocks, BLOCKS_PER_PROCESSOR),
                1,
                THREADS,
                dense,
                before,
                gamma,
                out,
                positions);
    }

    @Override
    public void close() {
        kernels.values().forEach(CudaKernels::close);
        kernels.clear();
        pictures.close();
    }
}
