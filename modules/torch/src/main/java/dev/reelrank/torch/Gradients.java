package dev.reelrank.torch;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/**
 * Gradients of what a recording scope computed ({@link TensorScope#recording}).
 *
 * <pre>{@code
 * try (var scope = TensorScope.recording()) {
 *     Tensor x = Gradients.leaf(input);
 *     Gradients.backward(layer.apply(x), upstream);
 *     Tensor change = Gradients.of(x);
 * }
 * }</pre>
 */
public final class Gradients {
    private Gradients() {}

    /** The same numbers as the start of a recording: gradients with respect to it are kept. */
    public static Tensor leaf(Tensor values) {
        Tensor leaf = values.detach();
        leaf.requires_grad_(true);
        return leaf;
    }

    /**
     * Adds the gradients of every leaf that y was computed from, and frees the recording.
     *
     * @param upstream gradient with respect to y, shape and type of y
     */
    public static void backward(Tensor y, Tensor upstream) {
        y.backward(upstream, new BoolOptional(false), false, new TensorArrayRefOptional());
    }

    /** The same for one number, whose upstream gradient is 1. */
    public static void backward(Tensor number) {
        number.backward();
    }

    /** Whether a gradient has reached this leaf since it was made or {@link #clear}ed. */
    public static boolean present(Tensor leaf) {
        try (var scope = TensorScope.open()) {
            return leaf.grad().defined();
        }
    }

    /**
     * The gradient summed up in a leaf.
     *
     * <p>{@code Tensor.grad()} refers into the leaf's own state and dangles once the leaf is freed;
     * this is a handle of its own on the same numbers.
     *
     * @return shape and type of the leaf
     * @throws IllegalStateException when none has reached it
     */
    public static Tensor of(Tensor leaf) {
        Tensor inside = leaf.grad();
        if (!inside.defined()) {
            throw new IllegalStateException(
                    "no gradient has reached this tensor: nothing computed from it in a recording"
                            + " scope was passed to backward");
        }
        return new Tensor(inside);
    }

    /** Forgets the gradient of a leaf and frees its memory. */
    public static void clear(Tensor leaf) {
        try (var scope = TensorScope.open()) {
            leaf.mutable_grad().reset();
        }
    }
}
