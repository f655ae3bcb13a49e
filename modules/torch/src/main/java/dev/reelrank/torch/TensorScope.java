package dev.reelrank.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Frees every tensor made in it when it closes, and says whether operations are recorded for
 * gradients. Scopes nest and belong to the thread that opened them.
 *
 * <p>Tensor memory is invisible to Java's garbage collector, so code that makes tensors without a
 * scope grows without bound.
 *
 * <p>Gradients: the outermost scope of a thread records nothing, so inference pays nothing for
 * training. A scope opened by {@link #recording} records, one opened by {@link #inference} does
 * not; a scope opened by {@link #open} does what the scope around it does, so layers need not know
 * which it is.
 */
public final class TensorScope implements AutoCloseable {
    /** What {@link #open} leaves as it is. */
    private enum Recording {
        ON,
        OFF,
        INHERITED
    }

    private final PointerScope scope;
    private final Recording restored;

    private TensorScope(Recording wanted) {
        TorchRuntime.start();
        Recording mode =
                wanted == Recording.INHERITED && PointerScope.getInnerScope() == null
                        ? Recording.OFF
                        : wanted;
        if (mode == Recording.INHERITED) {
            restored = Recording.INHERITED;
        } else {
            restored = GradMode.is_enabled() ? Recording.ON : Recording.OFF;
            GradMode.set_enabled(mode == Recording.ON);
        }
        scope = new PointerScope();
    }

    /** Opens a scope inside the current one; it records for gradients only if that one does. */
    public static TensorScope open() {
        return new TensorScope(Recording.INHERITED);
    }

    /**
     * Opens a scope whose operations on tensors that need gradients ({@link Gradients#leaf}) are
     * recorded, until it closes.
     */
    public static TensorScope recording() {
        return new TensorScope(Recording.ON);
    }

    /** Opens a scope that records nothing, whatever the scope around it does. */
    public static TensorScope inference() {
        return new TensorScope(Recording.OFF);
    }

    /** Whether operations of this thread are recorded for gradients now. */
    public static boolean isRecording() {
        return GradMode.is_enabled();
    }

    /**
     * Runs the body in a scope of its own and hands its result to the enclosing scope, everything
     * else is freed. Without an enclosing scope the caller closes the result.
     */
    public static Tensor compute(Supplier<Tensor> body) {
        return computeAll(() -> new Tensor[] {body.get()})[0];
    }

    /** The same for several results. */
    public static Tensor[] computeAll(Supplier<Tensor[]> body) {
        return computeAll(Recording.INHERITED, body);
    }

    /** The same for several results, recorded for gradients while the body runs. */
    public static Tensor[] recordAll(Supplier<Tensor[]> body) {
        return computeAll(Recording.ON, body);
    }

    private static Tensor[] computeAll(Recording mode, Supplier<Tensor[]> body) {
        Tensor[] results;
        try (var inner = new TensorScope(mode)) {
            results = body.get();
            for (Tensor result : results) {
                result.retainReference();
            }
        }
        PointerScope outer = PointerScope.getInnerScope();
        if (outer != null) {
            for (Tensor result : results) {
                outer.attach(result);
                result.releaseReference();
            }
        }
        return results;
    }

    /** Runs the body in a scope of its own and frees everything it made. */
    public static void run(Runnable body) {
        try (var inner = open()) {
            body.run();
        }
    }

    /**
     * Frees temporaries of the open scope before it closes. What a recording needs of them for
     * gradients stays until the gradients are computed.
     */
    public static void release(Tensor... temporaries) {
        for (Tensor temporary : temporaries) {
            temporary.close();
        }
    }

    /** Keeps a pointer past every open scope; its new owner closes it. */
    static <P extends Pointer> P outlive(P pointer) {
        pointer.retainReference();
        return pointer;
    }

    @Override
    public void close() {
        scope.close();
        if (restored != Recording.INHERITED) {
            GradMode.set_enabled(restored == Recording.ON);
        }
    }
}
