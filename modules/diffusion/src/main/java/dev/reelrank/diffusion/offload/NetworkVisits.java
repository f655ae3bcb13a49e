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

    private final SideStream side;

    private final boolean owner;

    /** Whose blocks leave as these arrive; null for nobody's. */
    private @Nullable NetworkVisits leaving;

    /**
     * @param outside weights outside the blocks
     * @param blocks the blocks' weights, in their order
     */
    public NetworkVisits(
            TorchDevice device, Offload offload, Parameters outside, List<Parameters> blocks) {
        this(device, offload, outside, blocks, new SideStream(device), true);
    }

    /**
     * The same with a queue for the copies that several networks share: libtorch keeps freed memory
     * for the queue that it was taken in, so what one network leaves serves the other.
     *
     * @param outside weights outside the blocks
     * @param blocks the blocks' weights, in their order
     * @param copies outlives this
     */
    public NetworkVisits(
            TorchDevice device,
            Offload offload,
            Parameters outside,
            List<Parameters> blocks,
            SideStream copies) {
        this(device, offload, outside, blocks, copies, false);
    }

    private NetworkVisits(
            TorchDevice device,
            Offload offload,
            Parameters outside,
            List<Parameters> blocks,
            SideStream side,
            boolean owner) {
        this.device = device;
        this.offload = device.isCuda() ? offload : Offload.NONE;
        this.outside = outside;
        this.blocks = List.copyOf(blocks);
        this.side = side;
        this.owner = owner;
    }

    /** Where a network's weights live between its turns. */
    public static TorchDevice home(TorchDevice device, Offload offload) {
        return device.isCuda() && !offload.keepsExperts() ? TorchDevice.cpu() : device;
    }

    /**
     * Begins a turn, or goes on with it: the weights are there, or their blocks come one by one in
     * the next evaluation, each while the GPU works on the one before it.
     */
    public BlockVisits enter() {
        if (offload.keepsExperts()) {
            return BlockVisits.RESIDENT;
        }
        outside.visit(device);
        if (offload == Offload.STREAM) {
            return BlockVisits.streaming(device, blocks, side);
        }
        if (blocks.stream().allMatch(Parameters::visiting)) {
            settle();
            return BlockVisits.RESIDENT;
        }
        return BlockVisits.arriving(
                device, blocks, side, leaving == null ? List.of() : leaving.blocks);
    }

    /** Takes over from another network: its blocks leave as these arrive, not all at once. */
    public void follow(NetworkVisits other) {
        if (offload == Offload.SWAP && other != this) {
            other.settle();
            other.outside.leave();
            leaving = other;
        } else {
            other.leave();
        }
    }

    /** All of it is there; of the other network nothing needs to be any more. */
    private void settle() {
        if (leaving != null) {
            var other = leaving;
            leaving = null;
            other.blocks.forEach(Parameters::leave);
        }
    }

    /** Ends a turn: the device's memory is free for others. */
    public void leave() {
        settle();
        if (!offload.keepsExperts()) {
            blocks.forEach(Parameters::leave);
            outside.leave();
            device.emptyCache();
        }
    }

    @Override
    public void close() {
        if (owner) {
            side.close();
        }
    }
}
