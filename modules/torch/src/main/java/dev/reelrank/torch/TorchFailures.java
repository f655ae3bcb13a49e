package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.function.Supplier;

/** Turns libtorch's C++ exceptions, which arrive as RuntimeException, into named failures. */
public final class TorchFailures {
    private TorchFailures() {}

    /**
     * Runs the body.
     *
     * @param what was to be done, for the message, for example {@code generate 81 frames}
     * @throws StageException OUT_OF_DEVICE_MEMORY, OUT_OF_MEMORY, or the body's own
     */
    public static <T> T named(String what, TorchDevice device, Supplier<T> body) {
        try {
            return body.get();
        } catch (StageException e) {
            throw e;
        } catch (RuntimeException e) {
            throw translated(what, device, e);
        }
    }

    private static RuntimeException translated(
            String what, TorchDevice device, RuntimeException e) {
        String text = String.valueOf(e.getMessage());
        String first = text.strip().lines().findFirst().orElse("");
        if (text.contains("out of memory") && device.isCuda()) {
            return new StageException(
                    FailureCode.OUT_OF_DEVICE_MEMORY,
                    "%s ran out of memory to %s (%s): use --offload text, swap or stream, a smaller size, or fp8"
                            .formatted(device, what, MemoryReport.of(device)),
                    e);
        }
        if (text.contains("DefaultCPUAllocator: can't allocate memory")) {
            return new StageException(
                    FailureCode.OUT_OF_MEMORY,
                    "the host ran out of memory to " + what + ": " + first,
                    e);
        }
        return e;
    }
}
