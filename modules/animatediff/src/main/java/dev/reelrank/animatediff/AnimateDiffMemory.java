package dev.reelrank.animatediff;

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
 * @param unetGib weights of the UNet and its motion modules
 * @param textGib weights of the text encoder
 * @param vaeGib weights of the autoencoder
 * @param width channels of the UNet at its first resolution
 * @param bytes of a number
 */
record AnimateDiffMemory(double unetGib, double textGib, double vaeGib, long width, int bytes) {
    /** libtorch itself, CUDA kernels and what the allocator keeps. */
    private static final double OVERHEAD_GIB = 1.5;

    private static final double CPU_OVERHEAD_GIB = 0.6;

    /** The largest stage of a UNet, and the next one that is copied meanwhile. */
    private static final double STREAMED = 0.25;

    /** Below this, frames are decoded one by one, and large ones in tiles. */
    private static final double TILING_BELOW_GIB = 16;

    static AnimateDiffMemory of(AnimateDiffFolder folder, Precision precision) {
        int bytes = precision.dtype().bytes();
        long unet = folder.parameters(AnimateDiffFolder.UNET);
        return new AnimateDiffMemory(
                MemoryReport.gib(unet * bytes),
                MemoryReport.gib(folder.parameters(AnimateDiffFolder.TEXT_ENCODER) * bytes),
                MemoryReport.gib(folder.parameters(AnimateDiffFolder.VAE) * bytes),
                folder.unet().channels().get(0),
                bytes);
    }

    private double weightsGib(Offload offload) {
        return vaeGib
                + switch (offload) {
                    case NONE -> unetGib + textGib;
                    case TEXT, SWAP -> Math.max(unetGib, textGib);
                    case STREAM -> Math.max(STREAMED * unetGib, textGib);
                };
    }

    /** Hidden states of a step, or the autoencoder's for the frames of one turn. */
    private double workGib(GenerationSettings settings, boolean tiled) {
        double pixels = (double) settings.width() * settings.height();
        // Skips, and the widest products: about 40 hidden states of the first resolution.
        int clips = settings.guidance() > 1 ? 2 : 1;
        double step = 40.0 * clips * settings.frames() * pixels / 64 * width * bytes;
        double vae = (tiled ? 1 : 4) * pixels * 256 * 5 * bytes;
        return MemoryReport.gib((long) Math.max(step, vae));
    }

    /** The fastest mode that leaves a quarter of the device for the work itself. */
    Offload offloadFor(TorchDevice device) {
        if (!device.isCuda()) {
            return Offload.NONE;
        }
        double room = MemoryReport.gib(device.totalMemory()) * 0.75 - OVERHEAD_GIB;
        for (var offload : new Offload[] {Offload.NONE, Offload.SWAP}) {
            if (weightsGib(offload) <= room) {
                return offload;
            }
        }
        return Offload.STREAM;
    }

    /** Single frames and tiles for small GPUs. */
    @Nullable Tiling tilingFor(TorchDevice device) {
        return device.isCuda() && MemoryReport.gib(device.totalMemory()) < TILING_BELOW_GIB
                ? new Tiling(512, 384)
                : null;
    }

    /** What is to be reserved; {@code auto} is decided by the device's memory. */
    Needs needs(GenerationSettings settings, String offload, Device device) {
        if (!device.isCuda()) {
            return new Needs(
                    weightsGib(Offload.NONE) + workGib(settings, false) + CPU_OVERHEAD_GIB, 0);
        }
        TorchDevice gpu = TorchDevice.of(device);
        Offload mode = offload.equals("auto") ? offloadFor(gpu) : Offload.parse(offload);
        double host =
                4
                        + switch (mode) {
                            case NONE -> 0;
                            case TEXT -> textGib;
                            case SWAP, STREAM -> unetGib + textGib;
                        };
        return new Needs(
                weightsGib(mode) + workGib(settings, tilingFor(gpu) != null) + OVERHEAD_GIB, host);
    }
}
