package dev.reelrank.torch;

import java.util.List;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.global.torch;

/** libtorch's kernels for scaled dot product attention on a GPU. */
public enum AttentionBackend {
    CUDNN(3),
    FLASH(1),
    MEMORY_EFFICIENT(2),
    MATH(0);

    /** Fastest first, as measured on Hopper (docs/performance.md). */
    public static final List<AttentionBackend> FASTEST_FIRST =
            List.of(CUDNN, FLASH, MEMORY_EFFICIENT, MATH);

    private final long code;

    AttentionBackend(long code) {
        this.code = code;
    }

    /**
     * Makes libtorch choose among these, the first that can run. It holds for the whole process:
     * set it when a worker starts.
     *
     * @param order at least one; what is not in it is not used
     */
    public static void prefer(List<AttentionBackend> order) {
        if (order.isEmpty()) {
            throw new IllegalArgumentException("no attention backend given");
        }
        TorchRuntime.start();
        var context = torch.globalContext();
        context.setSDPUseCuDNN(order.contains(CUDNN));
        context.setSDPUseFlash(order.contains(FLASH));
        context.setSDPUseMemEfficient(order.contains(MEMORY_EFFICIENT));
        context.setSDPUseMath(order.contains(MATH));
        long[] codes = new long[values().length];
        int next = 0;
        for (var backend : order) {
            codes[next++] = backend.code;
        }
        for (var backend : values()) {
            if (!order.contains(backend)) {
                codes[next++] = backend.code;
            }
        }
        try (var vector = new LongVector(codes)) {
            context.setSDPPriorityOrder(vector);
        }
    }
}
