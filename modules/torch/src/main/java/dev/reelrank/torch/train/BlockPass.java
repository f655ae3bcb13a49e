package dev.reelrank.torch.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One pass through a chain of blocks and the way back.
 *
 * <p>With {@link Memory#RECOMPUTED} only what goes into each block is kept. On the way back a block
 * is computed again, its gradients are taken, and its input is freed: the memory is that of one
 * block, the price one more forward pass. Gradients are those of {@link Memory#KEPT}, bit for bit
 * on the CPU: the forward pass already uses the operations that are recorded.
 *
 * <pre>{@code
 * try (var pass = BlockPass.forward(input, blocks, Memory.RECOMPUTED)) {
 *     pass.backward(gradientOfLoss(pass.output()));
 * }
 * }</pre>
 */
public final class BlockPass implements AutoCloseable {
    /** What is kept of a forward pass. */
    public enum Memory {
        /** What goes into each block. */
        RECOMPUTED,
        /** Everything that gradients need. */
        KEPT;

        /** {@code recomputed} or {@code kept}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Reads an {@link #id}. */
        public static Memory parse(String text) {
            for (var memory : values()) {
                if (memory.id().equals(text)) {
                    return memory;
                }
            }
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "unknown memory: '" + text + "'; use recomputed or kept");
        }
    }

    private final List<Block> blocks;
    private final List<Tensor[]> inputs = new ArrayList<>();
    private final Tensor[] recorded;
    private final Tensor output;

    private BlockPass(List<Block> blocks, Tensor[] recorded, Tensor output) {
        this.blocks = blocks;
        this.recorded = recorded;
        this.output = output;
    }

    /** Runs the blocks without keeping anything for gradients; the result is the open scope's. */
    public static Tensor infer(Tensor[] input, List<Block> blocks) {
        return TensorScope.compute(
                () -> {
                    Tensor[] state = input;
                    for (var block : blocks) {
                        Tensor[] before = state;
                        state = detachedStep(block, before);
                        if (before != input) {
                            TensorScope.release(before);
                        }
                    }
                    return single(state);
                });
    }

    /**
     * Runs the blocks.
     *
     * @param input state of the first block; stays the caller's
     * @return to be closed by the caller
     */
    public static BlockPass forward(Tensor[] input, List<Block> blocks, Memory memory) {
        return memory == Memory.KEPT ? kept(input, blocks) : recomputed(input, blocks);
    }

    private static BlockPass kept(Tensor[] input, List<Block> blocks) {
        Tensor[] recorded =
                TensorScope.recordAll(
                        () -> {
                            Tensor[] state = leaves(input);
                            for (var block : blocks) {
                                state = block.apply(state);
                            }
                            single(state);
                            return state;
                        });
        try (var scope = TensorScope.open()) {
            return new BlockPass(blocks, held(recorded), held(recorded[0].detach()));
        }
    }

    private static BlockPass recomputed(Tensor[] input, List<Block> blocks) {
        try (var scope = TensorScope.open()) {
            var inputs = new ArrayList<Tensor[]>();
            Tensor[] state = input;
            for (var block : blocks) {
                inputs.add(held(state));
                state = detachedStep(block, state);
            }
            var pass = new BlockPass(blocks, new Tensor[0], held(single(state)));
            pass.inputs.addAll(inputs);
            return pass;
        }
    }

    private static Tensor[] detachedStep(Block block, Tensor[] state) {
        return TensorScope.recordAll(
                () -> {
                    Tensor[] next = block.apply(leaves(state));
                    for (int i = 0; i < next.length; i++) {
                        next[i] = next[i].detach();
                    }
                    return next;
                });
    }

    /** What the last block gave; freed when the pass closes. */
    public Tensor output() {
        return output;
    }

    /**
     * Adds the gradients to the leaves in the blocks. Once per pass.
     *
     * @param upstream gradient with respect to the output, its shape and type
     */
    public void backward(Tensor upstream) {
        if (recorded.length > 0) {
            Gradients.backward(recorded, new Tensor[] {upstream});
            return;
        }
        if (inputs.size() != blocks.size()) {
            throw new IllegalStateException("gradients of this pass have been taken already");
        }
        try (var scope = TensorScope.open()) {
            Tensor[] gradients = {upstream};
            int last = blocks.size() - 1;
            for (int i = last; i >= 0; i--) {
                Tensor[] above = gradients;
                gradients = stepBack(blocks.get(i), inputs.get(i), above);
                if (i < last) { // The first one is the caller's.
                    TensorScope.release(above);
                }
                free(inputs.remove(i));
            }
        }
    }

    private static Tensor[] stepBack(Block block, Tensor[] input, Tensor[] upstream) {
        return TensorScope.recordAll(
                () -> {
                    Tensor[] leaves = leaves(input);
                    Gradients.backward(block.apply(leaves), upstream);
                    var gradients = new Tensor[leaves.length];
                    for (int i = 0; i < leaves.length; i++) {
                        gradients[i] =
                                Gradients.present(leaves[i])
                                        ? Gradients.of(leaves[i])
                                        : torch.zeros_like(leaves[i]);
                    }
                    return gradients;
                });
    }

    private static Tensor[] leaves(Tensor[] state) {
        var leaves = new Tensor[state.length];
        for (int i = 0; i < state.length; i++) {
            leaves[i] = Gradients.leaf(state[i]);
        }
        return leaves;
    }

    private static Tensor single(Tensor[] state) {
        if (state.length != 1) {
            throw new IllegalStateException(
                    "the last block gave " + state.length + " tensors, it must give one");
        }
        return state[0];
    }

    /** Handles of their own on the same numbers, which outlive the open scope. */
    private static Tensor[] held(Tensor[] tensors) {
        var held = new Tensor[tensors.length];
        for (int i = 0; i < tensors.length; i++) {
            held[i] = held(tensors[i]);
        }
        return held;
    }

    private static Tensor held(Tensor tensor) {
        Tensor held = new Tensor(tensor);
        held.retainReference();
        return held;
    }

    private static void free(Tensor[] tensors) {
        for (Tensor tensor : tensors) {
            tensor.releaseReference();
        }
    }

    @Override
    public void close() {
        inputs.forEach(BlockPass::free);
        inputs.clear();
        free(recorded);
        output.releaseReference();
    }
}
