package dev.reelrank.upscale;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;

/**
 * The size of an RRDBNet, as its weights have it.
 *
 * @param inputs channels of its input: 3, or 12 where four pixels become one first (the models that
 *     enlarge by two)
 * @param features channels inside, 64 as published
 * @param growth channels that each convolution of a dense block adds, 32 as published
 * @param blocks residual-in-residual blocks: 23 as published, 6 for drawings
 */
record NetworkShape(int inputs, int features, int growth, int blocks) {
    private static final int FOLDED = 12;

    /**
     * Reads it from the tensors.
     *
     * @throws StageException MODEL_MISMATCH if this is no RRDBNet
     */
    static NetworkShape of(Checkpoint weights) {
        if (!weights.has("conv_first.weight") || !weights.has("body.0.rdb1.conv1.weight")) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s is no Real-ESRGAN of the kind RRDBNet (x4plus, x4plus_anime_6B, x2plus): it has no tensor conv_first.weight or body.0.rdb1.conv1.weight"
                            .formatted(weights.location()));
        }
        long[] first = weights.info("conv_first.weight").shape();
        long[] dense = weights.info("body.0.rdb1.conv1.weight").shape();
        int blocks = 0;
        while (weights.has("body." + blocks + ".rdb1.conv1.weight")) {
            blocks++;
        }
        if (first.length != 4 || dense.length != 4 || (first[1] != 3 && first[1] != FOLDED)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    weights.location() + ": conv_first takes neither 3 nor 12 channels");
        }
        return new NetworkShape((int) first[1], (int) first[0], (int) dense[0], blocks);
    }

    /** How many times larger its output is than its picture: 4, or 2. */
    int scale() {
        return inputs == FOLDED ? 2 : 4;
    }
}
