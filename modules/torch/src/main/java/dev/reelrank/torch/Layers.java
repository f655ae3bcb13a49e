package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** What the layers of this package share. */
final class Layers {
    private Layers() {}

    /** A tensor that a layer may lack, in the form libtorch's functions take. */
    static TensorOptional optional(Weights weights, String name, boolean present, long... shape) {
        if (!present) {
            return none(weights.parameters());
        }
        return some(weights.parameters(), weights.take(name, shape));
    }

    /** Whether an operation on these tensors is recorded, so that it must have a gradient. */
    static boolean recorded(Tensor... inputs) {
        if (TensorScope.isRecording()) {
            for (Tensor input : inputs) {
                if (input.requires_grad()) {
                    return true;
                }
            }
        }
        return false;
    }

    static TensorOptional some(Parameters parameters, Tensor tensor) {
        try (var scope = TensorScope.open()) {
            return parameters.own(new TensorOptional(tensor));
        }
    }

    static TensorOptional none(Parameters parameters) {
        try (var scope = TensorScope.open()) {
            return parameters.own(new TensorOptional());
        }
    }
}
