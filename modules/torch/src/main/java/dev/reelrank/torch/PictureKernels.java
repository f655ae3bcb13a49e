package dev.reelrank.torch;

import dev.reelrank.pipeline.StageException;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CUDA kernels for pictures whose channels lie last in memory, bfloat16: group norms with what
 * follows them, gated GELU, and attention over frames. libtorch's group norm reorders such pictures
 * before and after; these read them twice and write them once.
 *
 * <p>Sums are added in an order that depends on the sizes and on the kind of GPU alone, so that
 * equal inputs give equal results.
 */
public final class PictureKernels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PictureKernels.class);
    private static final int VECTOR = 8;
    private static final int LANES = 16;
    private static final int ROWS = 16;
    private static final int THREADS = LANES * ROWS;
    private static final int MOST_PER_GROUP = 128;
    private static final int BLOCKS_PER_PROCESSOR = 8;

    /** Of work that waits for memory in between. */
    private static final int MANY_BLOCKS = 32;

    /** Frames that attend to each other in a kernel: one for each lane. */
    private static final int MOST_FRAMES = 32;

    private final @Nullable CudaKernels kernels;

    /** Of a device; on the CPU, on GPUs before 8.0 and without the compiler, there are none. */
    public PictureKernels(TorchDevice device) {
        kernels = device.hasOwnKernels() ? compiled(device) : null;
    }

    private static @Nullable CudaKernels compiled(TorchDevice device) {
        try {
            return CudaKernels.compile(device, PictureKernels.class, "pictures.cu", Map.of());
        } catch (StageException | LinkageError e) {
            LOG.warn("no kernels for pictures, libtorch normalises them: {}", e.toString());
            return null;
        }
    }

    /**
     * A group norm.
     *
     * @param weight of each channel, bfloat16
     * @param bias of each channel, bfloat16
     * @param clip pictures, one after the other, that are normalised together
     * @param silu whether {@code x · sigmoid(x)} follows
     * @param before added to each channel before the norm, bfloat16; null for nothing
     */
    record Norm(
            Tensor weight,
            Tensor bias,
            long groups,
            double epsilon,
            long clip,
            boolean silu,
            @Nullable Tensor before) {}

    /**
     * What each position's norm is scaled and shifted with, at the resolution of the latents.
     *
     * @param scale shape (latent frames, channels, height, width), bfloat16, channels last in
     *     memory
     * @param shift like scale
     */
    public record Latents(Tensor scale, Tensor shift) {}

    /** Whether there is a kernel for these pictures; none records gradients. */
    boolean normalise(Tensor x, Tensor weight, long groups) {
        return normalise(x, weight, groups, x.size(1));
    }

    /** The same for pictures like these with so many channels. */
    boolean normalise(Tensor x, Tensor weight, long groups, long channels) {
        return kernels != null
                && x.is_cuda()
                && DType.of(x) == DType.BFLOAT16
                && DType.of(weight) == DType.BFLOAT16
                && channels % VECTOR == 0
                && channels / groups <= MOST_PER_GROUP
                && x.size(0) * x.size(2) * x.size(3) < Integer.MAX_VALUE
                && !Layers.recorded(x, weight);
    }

    /**
     * Writes a norm, where {@link #normalise}.
     *
     * @param x shape (pictures, channels, height, width)
     * @param latents null for none
     * @param out as x, channels last in memory without gaps
     */
    void norm(Tensor x, Norm norm, @Nullable Latents latents, Tensor out) {
        var all = Objects.requireNonNull(kernels);
        TensorScope.run(
                () -> {
                    Tensor dense = x.contiguous(MemoryFormat.ChannelsLast);
                    int channels = (int) x.size(1);
                    int clips = (int) (x.size(0) / norm.clip());
                    int positions = (int) (norm.clip() * x.size(2) * x.size(3));
                    int vectors = channels / VECTOR;
                    int tiles = (vectors + LANES - 1) / LANES;
                    int blocks =
                            Math.max(
                                    1,
                                    all.blocks(
                                                    (positions + ROWS - 1L) / ROWS * tiles * clips,
                                                    BLOCKS_PER_PROCESSOR)
                                            / (tiles * clips));
                    int share = (positions + blocks - 1) / blocks;
                    int shares = (positions + share - 1) / share;
                    Tensor sums = floats(x, (long) clips * shares * 2 * channels);
                    Tensor factors = floats(x, (long) clips * 2 * channels);
                    all.launch(
                            "picture_sums",
                            shares,
                            clips * tiles,
                            THREADS,
                            dense,
                            sums,
                            vectors,
                            tiles,
                            positions,
                            share);
                    all.launch(
                            "picture_factors",
                            (int) norm.groups(),
                            clips,
                            MOST_PER_GROUP,
                            dense,
                            sums,
                            norm.weight(),
                            norm.bias(),
                            norm.before(),
                            factors,
                            channels,
                            (int) norm.groups(),
                            positions,
                            shares,
                            (float) norm.epsilon());
                    String name =
                            "picture_norm"
                                    + (latents == null ? "" : "_latents")
                                    + (norm.silu() ? "_silu" : "");
                    Tensor scale = latents == null ? null : lastChannels(latents.scale());
                    Tensor shift = latents == null ? null : lastChannels(latents.shift());
                    all.launch(
                            name,
                            shares,
                            clips * tiles,
                            THREADS,
                            dense,
                            factors,
                            out,
                            scale,
                            shift,
                            vectors,
                            tiles,
                            positions,
                            share,
                            (int) norm.clip(),
                            (int) x.size(2),
                            (int) x.size(3),
                            scale == null ? 0 : (int) scale.size(0),
                            scale == null ? 0 : (int) scale.size(2),
                            scale == null ? 0 : (int) scale.size(3));
                });
    }

    /** Whether {@link #add} works for pictures like these with so many channels. */
    public boolean adds(Tensor x, long channels) {
        return kernels != null
                && x.is_cuda()
                && DType.of(x) == DType.BFLOAT16
                && channels % VECTOR == 0
                && !TensorScope.isRecording();
    }

    /**
     * Adds pictures and a number for each channel, where {@link #adds}.
     *
     * @param x changed in place, channels last in memory without gaps
     * @param y as x
     * @param bias of each channel, bfloat16
     * @return x
     */
    public Tensor add(Tensor x, Tensor y, Tensor bias) {
        var all = Objects.requireNonNull(kernels);
        TensorScope.run(
                () -> {
                    long total = x.numel() / VECTOR;
                    all.launch(
                            "picture_add",
                            all.blocks((total + THREADS - 1) / THREADS, BLOCKS_PER_PROCESSOR),
                            1,
                            THREADS,
                            x,
                            lastChannels(y),
                            bias,
                            (int) (x.size(1) / VECTOR),
                            total);
                });
        return x;
    }

    private static Tensor lastChannels(Tensor x) {
        return x.contiguous(MemoryFormat.ChannelsLast);
    }

    private static Tensor floats(Tensor like, long count) {
        return torch.empty(
                new long[] {count},
                like.options().dtype(new ScalarTypeOptional(DType.FLOAT32.scalarType())),
                new MemoryFormatOptional());
    }

    /**
     * {@code value · GELU(gate)} by the error function.
     *
     * @param x shape (…, 2 · features), the values first
     * @return shape (…, features)
     */
    public Tensor gatedGelu(Tensor x) {
        long half = x.size(-1) / 2;
        if (kernels == null
                || !x.is_cuda()
                || DType.of(x) != DType.BFLOAT16
                || half % VECTOR != 0
                || Layers.recorded(x)) {
            return TensorScope.compute(
                    () -> x.narrow(-1, 0, half).mul(Ops.geluExact(x.narrow(-1, half, half))));
        }
        var all = kernels;
        return TensorScope.compute(
                () -> {
                    Tensor dense = x.contiguous();
                    long[] shape = x.shape();
                    shape[shape.length - 1] = half;
                    Tensor out = torch.empty(shape, x.options(), new MemoryFormatOptional());
                    long total = out.numel() / VECTOR;
                    all.launch(
                            "gated_gelu",
                            all.blocks((total + THREADS - 1) / THREADS, BLOCKS_PER_PROCESSOR),
                            1,
                            THREADS,
                            dense,
                            out,
                            (int) (half / VECTOR),
                            total);
                    return out;
                });
    }

    /**
     * Whether there is a kernel for attention of frames; none records gradients.
     *
     * @param x hidden states
     * @param head numbers of a head
     */
    public boolean attendsFrames(Tensor x, long head, long frames) {
        return kernels != null
                && x.is_cuda()
                && DType.of(x) == DType.BFLOAT16
                && head % VECTOR == 0
                && frames <= MOST_FRAMES
                && !TensorScope.isRecording();
    }

    /**
     * Attention of a clip's frames at each place, scaled by 1/sqrt(head), where {@link
     * #attendsFrames}. libtorch's kernels are made for long sequences, and want the frames of a
     * place side by side.
     *
     * @param query shape (clips · frames, places, heads · head), as key, value and the result
     */
    public Tensor attendFrames(Tensor query, Tensor key, Tensor value, long frames, long heads) {
        var all = Objects.requireNonNull(kernels);
        return TensorScope.compute(
                () -> {
                    Tensor q = query.contiguous();
                    Tensor k = key.contiguous();
                    Tensor v = value.contiguous();
                    Tensor out = torch.empty(q.shape(), q.options(), new MemoryFormatOptional());
                    long head = q.size(2) / heads;
                    long total = q.size(0) / frames * q.size(1) * heads;
                    int lanes = frames <= LANES ? LANES : MOST_FRAMES;
                    all.launch(
                            "frame_attention_" + lanes,
                            all.blocks((total * lanes + THREADS - 1) / THREADS, MANY_BLOCKS),
                            1,
                            THREADS,
                            q,
                            k,
                            v,
                            out,
                            (int) frames,
                            (int) q.size(1),
                            (int) heads,
                            (int) (head / VECTOR),
                            total,
                            (float) (1 / Math.sqrt((double) head)));
                    return out;
                });
    }

    @Override
    public void close() {
        if (kernels != null) {
            kernels.close();
        }
    }
}
