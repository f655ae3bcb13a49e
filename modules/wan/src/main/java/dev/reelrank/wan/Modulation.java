package dev.reelrank.wan;

import dev.reelrank.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * What the timestep tells the layers: scales, shifts and gates.
 *
 * @param values shape (numbers, dim), float32; with a given frame (2, numbers, dim), of which the
 *     first is for its tokens
 * @param stretches the tokens of the given frame and the others
 */
record Modulation(Tensor values, Stretches stretches) {
    /** With a layer's own numbers, shape (numbers, dim), added. */
    Modulation plus(Tensor table) {
        return new Modulation(table.add(values), stretches);
    }

    /** Shift and scale of a norm, by their places. */
    BlockMath.Affine affine(long shift, long scale, double epsilon) {
        return new BlockMath.Affine(
                Ops.add(values.select(-2, scale), 1), values.select(-2, shift), epsilon, stretches);
    }

    /** A gate, by its place. */
    BlockMath.Gate gate(long at) {
        return new BlockMath.Gate(values.select(-2, at), stretches);
    }
}
