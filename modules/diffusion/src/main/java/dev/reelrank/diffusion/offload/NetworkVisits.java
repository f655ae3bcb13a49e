package dev.reelrank.diffusion.offload;

import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.TorchDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings the weights of one network to the device for its turn, as the offload mode says. */
public final class NetworkVisits implements AutoCloseable {
    private final TorchDevice device;
    private final Offload offload;
    private final Parameters outside;
    private final List<Parameters> blocks;

    /** Null unless blocks stream. */
    private final @Nullable SideStream side;

    /**
     * @param outside weights outside the blocks
     * @param blocks the blocks' weights, in their order
     */
    public NetworkVisits(
            TorchDevice device, Offload offload, Parameters outside, List<Parameters> blocks) {
        this.device = device;
        this.offload = device.isCuda() ? offload : Offload.NONE;
        this.outside = outside;
        this.blocks = List.copyOf(blocks);
        this.side = this.offload == Offload.STREAM ? new SideStream(device) : null;
    }

    /** Where a network's weights live between its turns. */
    public static TorchDevice home(TorchDevice device, Offload offload) {
        return device.isCuda() && !offload.keepsExperts() ? TorchDevice.cpu() : device;
    }

    /** Begins a turn, or goes on with it: the weights are there, or their blocks come in turn. */
    public BlockVisits enter() {
        if (offload.keepsExperts()) {
            return BlockVisits.RESIDENT;
        }
        outside.visit(device);
        if (side != null) {
            return BlockVisits.streaming(device, blocks, side);
        }
        blocks.forEach(block -> block.visit(device));
        return BlockVisits.RESIDENT;
    }

    /** Ends a turn: the device's memory is free for others. */
    public void leave() {
        if (!offload.keepsExperts()) {
            blocks.forEach(Parameters::leave);
            outside.leave();
            device.emptyCache();
        }
    }

    @Override
    public void close() {
        if (side != null) {
            side.close();
        }
    }
}
