package dev.reelrank.animatediff;

import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import org.jspecify.annotations.Nullable;

/** The UNet, moved to the device according to the offload mode. */
final class LoadedUnet implements AutoCloseable {
    private final Unet unet;
    private final TorchDevice device;
    private final Offload offload;

    /** Null unless weights stream. */
    private final @Nullable SideStream side;

    LoadedUnet(UnetConfig config, TensorSource source, LoadSettings settings, TorchDevice device) {
        this.device = device;
        offload = device.isCuda() ? settings.offload() : Offload.NONE;
        unet =
                new Unet(
                        config,
                        source,
                        device,
                        offload.keepsExperts() ? device : TorchDevice.cpu(),
                        settings.precision().dtype(),
                        settings.precision().format(),
                        LinearAdapters.NONE);
        side = offload == Offload.STREAM ? new SideStream(device) : null;
    }

    /** Ready to compute. */
    Unet here() {
        if (offload == Offload.SWAP) {
            unet.stageWeights().forEach(stage -> stage.visit(device));
        }
        return unet;
    }

    /** How the stages come to the device. */
    BlockVisits visits() {
        return side == null
                ? BlockVisits.RESIDENT
                : BlockVisits.streaming(device, unet.stageWeights(), side);
    }

    /** Clears the device, where weights only visit. */
    void leave() {
        if (!offload.keepsExperts()) {
            unet.stageWeights().forEach(Parameters::leave);
            device.emptyCache();
        }
    }

    @Override
    public void close() {
        unet.close();
        if (side != null) {
            side.close();
        }
    }
}
