package dev.reelrank.wan;

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
 * @param expertGib weights of one expert
 * @param experts 1 or 2
 * @param textGib weights of the text encoder
 * @param vaeGib weights of the autoencoder
 * @param tokenSide rows, and columns, of pixels that a token covers
 * @param framesPerLatent frames that a further latent frame covers
 * @param vaeChannels numbers a pixel in the widest stage of the autoencoder
 */
public record MemoryPlan(
        double expertGib,
        int experts,
        double textGib,
        double vaeGib,
        Precision precision,
        long dim,
        long ffnDim,
        int tokenSide,
        int framesPerLatent,
        double vaeChannels) {
    /** libtorch itself, CUDA kernels and what the allocator keeps. */
    private static final double OVERHEAD_GIB = 2.5;

    private static final double CPU_OVERHEAD_GIB = 0.6;
    private static final double LEAST_VAE_GIB = 0.5;
    private static final double PLAIN_VAE_CHANNELS = 96;

    /** Below this, whole 720p pictures do not fit beside an expert. */
    private static final double TILING_BELOW_GIB = 40;

    /** Reads the headers of the weights. */
    public static MemoryPlan of(WanSnapshot snapshot, Precision precision) {
        double elementBytes = precision.dtype().bytes();
        return new MemoryPlan(
                snapshot.transformerParameters() * precision.bytesPerParameter() / (1L << 30),
                snapshot.twoExperts() ? 2 : 1,
                snapshot.textParameters() * elementBytes / (1L << 30),
                Math.max(LEAST_VAE_GIB, snapshot.vaeParameters() * elementBytes / (1L << 30)),
                precision,
                snapshot.transformer().dim(),
                snapshot.transformer().ffnDim(),
                snapshot.options().sizeMultiple(),
                snapshot.vae().temporalFactor(),
                vaeChannels(snapshot.vae()));
    }

    /** Wan2.2's widest stage steps up to patches with twice the base width. */
    private static double vaeChannels(VaeConfig vae) {
        return vae.residual()
                ? 2.0 * vae.decoderBaseDim() / vae.patch() / vae.patch()
                : PLAIN_VAE_CHANNELS;
    }

    private double weightsGib(Offload offload) {
        return switch (offload) {
            case NONE -> experts * expertGib + textGib + vaeGib;
            case TEXT -> experts * expertGib + vaeGib;
            // While one expert takes the other's room, two more blocks are there.
            case SWAP -> Math.max(1.05 * expertGib, textGib) + vaeGib;
            case STREAM -> Math.max(0.08 * expertGib, textGib) + vaeGib;
        };
    }

    /** Hidden states of a step, or the VAE's, whichever is more. */
    private double workGib(GenerationSettings settings) {
        double tokens =
                ((settings.frames() - 1) / framesPerLatent + 1)
                        * ((double) settings.width() / tokenSide)
                        * ((double) settings.height() / tokenSide);
        double bytes = precision.dtype().bytes();
        double step = tokens * (9.0 * dim + 2.0 * ffnDim) * bytes;
        // The widest stage holds about six copies of a latent's frames, and the whole video is
        // encoded once.
        double pixels = (double) settings.width() * settings.height();
        double vae =
                pixels * (6.0 * framesPerLatent * vaeChannels + 3.0 * settings.frames()) * bytes;
        return Math.max(step, vae) / (1L << 30);
    }

    /** The fastest mode that leaves a quarter of the device for the work itself. */
    public Offload offloadFor(TorchDevice device) {
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
    public @Nullable Tiling tilingFor(TorchDevice device) {
        return device.isCuda() && MemoryReport.gib(device.totalMemory()) < TILING_BELOW_GIB
                ? Tiling.STANDARD
                : null;
    }

    /**
     * What is to be reserved.
     *
     * @param offload auto, none, text, swap or stream; auto is decided by the device's memory
     */
    public Needs needs(GenerationSettings settings, String offload, Device device) {
        if (!device.isCuda()) {
            return new Needs(weightsGib(Offload.NONE) + workGib(settings) + CPU_OVERHEAD_GIB, 0);
        }
        Offload mode =
                offload.equals("auto")
                        ? offloadFor(TorchDevice.of(device))
                        : Offload.parse(offload);
        double host =
                4
                        + switch (mode) {
                            case NONE -> 0;
                            case TEXT -> textGib;
                            case SWAP, STREAM -> experts * expertGib + textGib;
                        };
        // A text encoder that only visits is gone before the work begins.
        double work =
                mode == Offload.TEXT ? Math.max(textGib, workGib(settings)) : workGib(settings);
        return new Needs(weightsGib(mode) + work + OVERHEAD_GIB, host);
    }
}
