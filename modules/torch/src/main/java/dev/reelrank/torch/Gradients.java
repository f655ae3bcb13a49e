package dev.reelrank.torch;

import java.util.ArrayList;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

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

    /**
     * The same for several outputs of one recording; outputs that need no gradients are passed
     * over.
     *
     * @param upstream one gradient per output
     */
    public static void backward(Tensor[] outputs, Tensor[] upstream) {
        var needed = new ArrayList<Tensor>();
        var gradients = new ArrayList<Tensor>();
        for (int i = 0; i < outputs.length; i++) {
            if (outputs[i].requires_grad()) {
                needed.add(outputs[i]);
                gradients.add(upstream[i]);
            }
        }
        if (!needed.isEmpty()) {
            torch.backward(
                    new TensorVector(needed.toArray(Tensor[]::new)),
                    new TensorVector(gradients.toArray(Tensor[]::new)),
                    new BoolOptional(false),
                    false,
                    new TensorVector());
        }
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
