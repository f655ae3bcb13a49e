package dev.reelrank.bench.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.image.Frames;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.TextEncoder;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RandomShards;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.RepeatableTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.TransformerConfig;
import dev.reelrank.wan.Vae;
import dev.reelrank.wan.WanTransformer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Times the parts of the architecture one by one with random weights: what a step costs in each
 * precision, what text and VAE cost, and how much memory each takes.
 */
final class WanProbe {
    static final double DEVIATION = 0.02;
    private static final int TOKENS = 80;

    /** As many as Wan shows of a draft. */
    private static final int PREVIEW_FRAMES = 4;

    private static final int TEXT_ROWS = 512;

    private static final TransformerConfig SMALL =
            new TransformerConfig(
                    2, 8, 128, 2816, 36, 16, new int[] {1, 2, 2}, 512, 256, 1e-6, true, 1024);

    private final TorchDevice device;
    private final Architecture architecture;
    private final int width;
    private final int height;
    private final int frames;

    /**
     * One measurement.
     *
     * @param firstSeconds the first run, with whatever is set up in it
     * @param seconds the mean of the runs after it
     * @param weightsBytes of what was measured
     * @param memory of the device after the runs
     */
    record Measurement(
            double firstSeconds, double seconds, long weightsBytes, MemoryReport memory) {}

    WanProbe(TorchDevice device, Architecture architecture, int width, int height, int frames) {
        this.device = device;
        this.architecture = architecture;
        this.width = width;
        this.height = height;
        this.frames = frames;
    }

    /**
     * One evaluation of one expert.
     *
     * @param attention in order of preference
     * @param fused whether element-wise work is fused where it can be
     * @param runs after the first
     */
    Measurement step(
            Precision precision, List<AttentionBackend> attention, boolean fused, int runs) {
        TransformerConfig config = architecture.transformer;
        if (device.isCuda()) {
            AttentionBackend.prefer(attention);
        }
        try (var model =
                        WanTransformer.alone(
                                config, new RandomTensors(DEVIATION), device, precision, fused);
                var scope = TensorScope.open()) {
            Tensor latents =
                    random(
                            precision.dtype(),
                            1,
                            config.inChannels(),
                            latentFrames(),
                            height / 8,
                            width / 8);
            Tensor rows = random(precision.dtype(), TOKENS, config.textDim());
            rows.retainReference();
            try (var prompt = new TextContext(rows, TEXT_ROWS - TOKENS);
                    var input = model.prompt(prompt)) {
                return measured(
                        model.bytes(),
                        runs,
                        () -> model.apply(latents, 937.5, input, BlockVisits.RESIDENT));
            }
        } finally {
            if (device.isCuda()) {
                // Not every kernel can do what the VAE asks for.
                AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
            }
            device.emptyCache();
        }
    }

    /**
     * What a precision costs: one evaluation of a small model (two blocks of 8 heads of 128)
     * against float32 on the same device, relative error by the Frobenius norm. Kernels are fused
     * where they can be.
     */
    double error(Precision precision) {
        return error(precision, true);
    }

    /** The same, operation by operation. */
    double unfusedError(Precision precision) {
        return error(precision, false);
    }

    private double error(Precision precision, boolean fused) {
        try (var scope = TensorScope.open()) {
            Tensor exact = small(Precision.FP32, false);
            Tensor rounded = small(precision, fused);
            return rounded.sub(exact).norm().item_float() / exact.norm().item_float();
        } finally {
            device.emptyCache();
        }
    }

    private Tensor small(Precision precision, boolean fused) {
        try (var model =
                        WanTransformer.alone(
                                SMALL, new RepeatableTensors(), device, precision, fused);
                var rows = new TextContext(kept(Noise.normal(1, 30, SMALL.textDim())), 482);
                var prompt = model.prompt(rows)) {
            return TensorScope.compute(
                    () ->
                            Ops.to(
                                    model.apply(
                                            device.place(
                                                    Noise.normal(2, 1, 36, 5, 16, 16),
                                                    precision.dtype()),
                                            900,
                                            prompt,
                                            BlockVisits.RESIDENT),
                                    DType.FLOAT32));
        }
    }

    private Tensor kept(Tensor tensor) {
        Tensor placed = device.place(tensor, DType.FLOAT32);
        placed.retainReference();
        return placed;
    }

    /** The whole video out of latents. */
    Measurement decode(Precision precision, @Nullable Tiling tiling, int runs) {
        try (var vae = vae(precision);
                var scope = TensorScope.open()) {
            Tensor latents =
                    random(
                            precision.dtype(),
                            latentFrames(),
                            architecture.vae.latentChannels(),
                            height / 8,
                            width / 8);
            return measured(
                    vae.parameters().bytes(),
                    runs,
                    () -> vae.decode(latents, tiling, Frames::toImages));
        } finally {
            device.emptyCache();
        }
    }

    /** The preview of a draft: four latent frames, each decoded by itself. */
    Measurement preview(Precision precision, int runs) {
        try (var vae = vae(precision);
                var scope = TensorScope.open()) {
            Tensor latents =
                    random(
                            precision.dtype(),
                            PREVIEW_FRAMES,
                            architecture.vae.latentChannels(),
                            height / 8,
                            width / 8);
            return measured(
                    vae.parameters().bytes(),
                    runs,
                    () -> {
                        for (int i = 0; i < PREVIEW_FRAMES; i++) {
                            vae.decode(latents.narrow(0, i, 1), null, Frames::toImages);
                        }
                    });
        } finally {
            device.emptyCache();
        }
    }

    /** Latents out of a whole video. */
    Measurement encode(Precision precision, @Nullable Tiling tiling, int runs) {
        try (var vae = vae(precision);
                var scope = TensorScope.open()) {
            Tensor video = random(precision.dtype(), frames, 3, height, width);
            return measured(vae.parameters().bytes(), runs, () -> vae.encode(video, tiling));
        } finally {
            device.emptyCache();
        }
    }

    private Vae vae(Precision precision) {
        return new Vae(architecture.vae, new RandomTensors(DEVIATION), device, precision.dtype());
    }

    /**
     * A prompt through the text encoder.
     *
     * @param tokens of the prompt, 1..512
     */
    Measurement text(Precision precision, int tokens, int runs) {
        long[] ids = new long[tokens];
        Arrays.setAll(ids, i -> i * 37L % architecture.text.vocabulary());
        try (var encoder =
                new TextEncoder(
                        architecture.text,
                        new RandomTensors(DEVIATION),
                        device,
                        device,
                        precision.dtype())) {
            return measured(encoder.bytes(), runs, () -> encoder.apply(ids));
        } finally {
            device.emptyCache();
        }
    }

    /**
     * Writes one expert of random weights in bfloat16 to shards with an index, as a snapshot has
     * it.
     *
     * @param folder exists; takes 28.6 GB for A14B
     * @param shardBytes size of a shard
     */
    void writeExpert(Path folder, long shardBytes) {
        try (var shards =
                        new RandomShards(folder, "diffusion_pytorch_model", DEVIATION, shardBytes);
                var model =
                        WanTransformer.alone(
                                architecture.transformer, shards, device, Precision.BF16, false)) {
            device.synchronize();
        } finally {
            device.emptyCache();
        }
    }

    /** Loads an expert from its files: seconds to being ready on the device. */
    Measurement load(Path folder, Precision precision) {
        device.emptyCache();
        MemoryReport.resetPeak(device);
        long begin = System.nanoTime();
        try (var checkpoint = Checkpoint.open(folder);
                var model =
                        WanTransformer.alone(
                                architecture.transformer, checkpoint, device, precision, false)) {
            device.synchronize();
            double seconds = (System.nanoTime() - begin) / 1e9;
            return new Measurement(seconds, seconds, model.bytes(), MemoryReport.of(device));
        } finally {
            device.emptyCache();
        }
    }

    private Tensor random(DType dtype, long... shape) {
        return device.isCuda()
                ? torch.randn(shape, device.options(dtype))
                : Ops.to(Noise.normal(1, shape), dtype);
    }

    private int latentFrames() {
        return (frames - 1) / architecture.vae.temporalFactor() + 1;
    }

    private Measurement measured(long weights, int runs, Runnable body) {
        device.synchronize();
        device.emptyCache();
        MemoryReport.resetPeak(device);
        double first = timed(body);
        double total = 0;
        for (int i = 0; i < runs; i++) {
            total += timed(body);
        }
        return new Measurement(
                first, runs == 0 ? first : total / runs, weights, MemoryReport.of(device));
    }

    private double timed(Runnable body) {
        long begin = System.nanoTime();
        TensorScope.run(body);
        device.synchronize();
        return (System.nanoTime() - begin) / 1e9;
    }
}
