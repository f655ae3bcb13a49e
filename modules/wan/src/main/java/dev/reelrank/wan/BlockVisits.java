package dev.reelrank.wan;

import dev.reelrank.torch.TorchDevice;

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

    /** Copies each block for its turn and frees the copy after it: one block on the device. */
    static BlockVisits streaming(TorchDevice device) {
        return new BlockVisits() {
            @Override
            public void enter(TransformerBlock block) {
                block.parameters().visit(device);
            }

            @Override
            public void exit(TransformerBlock block) {
                block.parameters().leave();
            }
        };
    }
}
