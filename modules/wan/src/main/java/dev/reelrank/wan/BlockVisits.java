package dev.reelrank.wan;

import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.TorchDevice;
import java.util.List;

/** Brings a block's weights to the device for its turn, where they do not live there. */
interface BlockVisits {
    /** For experts that live on the device. */
    BlockVisits RESIDENT =
            new BlockVisits() {
                @Override
                public void enter(TransformerBlock block) {}

                @Override
                public void exit(TransformerBlock block) {}
            };

    void enter(TransformerBlock block);

    void exit(TransformerBlock block);

    /**
     * Copies each block for its turn, the next while the GPU works on this one, and frees the copy
     * after it: at most two blocks on the device.
     *
     * @param blocks in their order
     * @param side where the copies are queued
     */
    static BlockVisits streaming(
            TorchDevice device, List<TransformerBlock> blocks, SideStream side) {
        return new BlockVisits() {
            private int turn;

            @Override
            public void enter(TransformerBlock block) {
                turn = blocks.indexOf(block);
                block.parameters().visit(device);
            }

            @Override
            public void exit(TransformerBlock block) {
                var next = blocks.get((turn + 1) % blocks.size());
                if (next != block) {
                    side.run(() -> next.parameters().visit(device));
                }
                block.parameters().leave();
            }
        };
    }
}
