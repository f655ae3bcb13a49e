package dev.reelrank.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Frees every tensor made in it when it closes. Scopes nest and belong to the thread that opened
 * them.
 *
 * <p>Tensor memory is invisible to Java's garbage collector, so code that makes tensors without a
 * scope grows without bound.
 */
public final class TensorScope implements AutoCloseable {
    private final PointerScope scope;

    private TensorScope() {
        scope = new PointerScope();
    }

    /** Opens a scope inside the current one. */
    public static TensorScope open() {
        TorchRuntime.start();
        return new TensorScope();
    }

    /**
     * Runs the body in a scope of its own and hands its result to the enclosing scope, everything
     * else is freed. Without an enclosing scope the caller closes the result.
     */
    public static Tensor compute(Supplier<Tensor> body) {
        Tensor result;
        try (var inner = open()) {
            result = body.get();
            result.retainReference();
        }
        PointerScope outer = PointerScope.getInnerScope();
        if (outer != null) {
            outer.attach(result);
            result.releaseReference();
        }
        return result;
    }

    /** Runs the body in a scope of its own and frees everything it made. */
    public static void run(Runnable body) {
        try (var inner = open()) {
            body.run();
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
    }
}
