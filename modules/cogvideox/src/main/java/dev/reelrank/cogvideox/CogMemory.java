package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a model needs, from the headers of its files, and the resulting offload mode.
 *
 * @param transformerGib weights of the transformer
 * @param textGib weights of the text encoder
 * @param bytes of a number of the hidden states
 * @param config of the transformer
 * @param vae its dimensions
 */
record CogMemory(
        double transformerGib,
        double textGib,
        double bytes,
        CogTransformerConfig config,
        CogVaeConfig vae) {
    /** libtorch itself, CUDA kernels and what the allocator keeps. */
    private static final double OVERHEAD_GIB = 1.5;

    private static final double GIB = 1L << 30;
    private static final double HOST_GIB = 4;
    private static final double CPU_OVERHEAD_GIB = 0.6;
    private static final double VAE_GIB = 0.5;

    /** Two blocks of a network and what stands outside them, as a share of it. */
    private static final double STREAMED = 0.12;

    /** Below this, whole pictures of 720x480 do not fit beside the weights. */
    private static final double TILING_BELOW_GIB = 30;

    /** Copies of the widest stage that the VAE holds at a time. */
    private static final double VAE_COPIES = 6;

    private static final int CHUNK_FRAMES = 9;

    static CogMemory of(CogModel model, Precision precision) {
        double bytes = precision.dtype().bytes();
        return new CogMemory(
                model.parameters(CogModel.TRANSFORMER) * precision.bytesPerParameter() / GIB,
                model.parameters(CogModel.TEXT_ENCODER) * bytes / GIB,
                bytes,
                model.transformer(),
                model.vae());
    }

    private double weightsGib(Offload offload) {
        return VAE_GIB
                + switch (offload) {
                    case NONE -> transformerGib + textGib;
                    case TEXT -> transformerGib;
                    case SWAP -> Math.max(transformerGib, textGib);
                    case STREAM -> STREAMED * Math.max(transformerGib, textGib);
                };
    }

    /** Hidden states of a step, or the VAE's, whichever is more. */
    private double workGib(GenerationSettings settings, @Nullable Tiling tiling) {
        long[] latents =
                new CogShape(vae, config.patchFrames())
                        .latents(settings.frames(), settings.width(), settings.height());
        double tokens =
                (double) latents[1] * latents[3] * latents[4] / config.patchVolume()
                        + config.textRows();
        // Query, key, value, their rotated copies in float32, and the wide layer.
        double step = tokens * config.dim() * 20 * bytes;
        double pixels =
                tiling == null
                        ? (double) settings.width() * settings.height()
                        : (double) tiling.size() * tiling.size();
        double decode =
                pixels * vae.channels()[0] * CHUNK_FRAMES * VAE_COPIES * bytes
                        + (double) settings.width()
                                * settings.height()
                                * settings.frames()
                                * 3
                                * bytes;
        return Math.max(step, decode) / GIB;
    }

    /** The fastest mode that leaves a quarter of the device for the work itself. */
    Offload offloadFor(TorchDevice device) {
        if (!device.isCuda()) {
            return Offload.NONE;
        }
        double room = MemoryReport.gib(device.totalMemory()) * 0.75 - OVERHEAD_GIB;
        for (var offload : new Offload[] {Offload.NONE, Offload.TEXT, Offload.SWAP}) {
            if (weightsGib(offload) <= room) {
                return offload;
            }
        }
        return Offload.STREAM;
    }

    /** Tiles for small GPUs, whole pictures elsewhere. */
    @Nullable Tiling tilingFor(TorchDevice device) {
        return device.isCuda() && MemoryReport.gib(device.totalMemory()) < TILING_BELOW_GIB
                ? Tiling.STANDARD
                : null;
    }

    /**
     * What is to be reserved.
     *
     * @param offload auto, none, text, swap or stream; auto is decided by the device's memory
     */
    Needs needs(GenerationSettings settings, String offload, Device device) {
        if (!device.isCuda()) {
            return new Needs(
                    weightsGib(Offload.NONE) + workGib(settings, null) + CPU_OVERHEAD_GIB, 0);
        }
        var place = TorchDevice.of(device);
        Offload mode = offload.equals("auto") ? offloadFor(place) : Offload.parse(offload);
        double host =
                HOST_GIB
                        + switch (mode) {
                            case NONE -> 0;
                            case TEXT -> textGib;
                            case SWAP, STREAM -> transformerGib + textGib;
                        };
        double work = workGib(settings, tilingFor(place));
        return new Needs(
                weightsGib(mode)
                        + (mode == Offload.TEXT ? Math.max(textGib, work) : work)
                        + OVERHEAD_GIB,
                host);
    }
}
