package dev.reelrank.animatediff;

import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.NetworkVisits;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;

/** The UNet, moved to the device according to the offload mode. */
final class LoadedUnet implements AutoCloseable {
    private final Unet unet;
    private final NetworkVisits visits;

    LoadedUnet(UnetConfig config, TensorSource source, LoadSettings settings, TorchDevice device) {
        unet =
                new Unet(
                        config,
                        source,
                        device,
                        NetworkVisits.home(device, settings.offload()),
                        settings.precision().dtype(),
                        settings.precision().format(),
                        LinearAdapters.NONE);
        visits =
                new NetworkVisits(
                        device, settings.offload(), unet.parameters(), unet.stageWeights());
    }

    Unet network() {
        return unet;
    }

    /** Ready to compute: how the stages come to the device. */
    BlockVisits enter() {
        return visits.enter();
    }

    /** Clears the device, where weights only visit. */
    void leave() {
        visits.leave();
    }

    @Override
    public void close() {
        visits.close();
        unet.close();
    }
}
