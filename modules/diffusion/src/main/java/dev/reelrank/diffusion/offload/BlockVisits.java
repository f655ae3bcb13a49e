package dev.reelrank.diffusion.offload;

import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.TorchDevice;
import java.util.List;

/** Brings a block's weights to the device for its turn, where they do not live there. */
public interface BlockVisits {
    /** For blocks that live on the device. */
    BlockVisits RESIDENT =
            new BlockVisits() {
                @Override
                public void enter(Parameters block) {}

                @Override
                public void exit(Parameters block) {}
            };

    void enter(Parameters block);

    void exit(Parameters block);

    /**
     * Copies each block for its turn, the next while the GPU works on this one, and frees the copy
     * after it: at most two blocks on the device, for the host waits for the block before this one.
     *
     * @param blocks the blocks' weights in their order
     * @param side where the copies are queued
     */
    static BlockVisits streaming(TorchDevice device, List<Parameters> blocks, SideStream side) {
        return new BlockVisits() {
            private int turn;

            @Override
            public void enter(Parameters block) {
                turn = blocks.indexOf(block);
                block.visit(device);
            }

            @Override
            public void exit(Parameters block) {
                side.keepPace();
                var next = blocks.get((turn + 1) % blocks.size());
                if (next != block) {
                    side.run(() -> next.visit(device));
                }
                block.leave();
            }
        };
    }

    /**
     * Copies each block for its first turn, the next while the GPU works on this one. The blocks
     * stay; for each that comes, one of another network may leave, so that both together take the
     * room of one and little more.
     *
     * @param blocks the blocks' weights in their order
     * @param side where the copies are queued
     * @param leaving blocks of another network, used up; none for nobody
     */
    static BlockVisits arriving(
            TorchDevice device,
            List<Parameters> blocks,
            SideStream side,
            List<Parameters> leaving) {
        return new BlockVisits() {
            private int turn;

            @Override
            public void enter(Parameters block) {
                turn = blocks.indexOf(block);
                block.visit(device);
            }

            @Override
            public void exit(Parameters block) {
                side.keepPace();
                if (turn < leaving.size()) {
                    leaving.get(turn).leave();
                }
                if (turn + 1 < blocks.size()) {
                    var next = blocks.get(turn + 1);
                    side.run(() -> next.visit(device));
                }
            }
        };
    }
}
