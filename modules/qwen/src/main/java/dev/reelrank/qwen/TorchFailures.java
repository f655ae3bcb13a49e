package dev.reelrank.qwen;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/** Gives libtorch's errors their codes. */
final class TorchFailures {
    private TorchFailures() {}

    /**
     * The exception to throw: what has a meaning of its own stays, exhausted memory becomes a
     * RESOURCES failure, anything else is INTERNAL with libtorch's words.
     */
    static RuntimeException translate(RuntimeException e, String what) {
        if (e instanceof StageException || e instanceof TextGenerator.CancelledException) {
            return e;
        }
        var message = String.valueOf(e.getMessage());
        if (message.contains("CUDA out of memory")
                || message.contains("CUBLAS_STATUS_ALLOC_FAILED")) {
            return new StageException(
                    FailureCode.OUT_OF_DEVICE_MEMORY,
                    what
                            + ": the GPU has not enough memory; use a smaller model or --precision int4",
                    e);
        }
        if (message.contains("DefaultCPUAllocator: can't allocate memory")) {
            return new StageException(
                    FailureCode.OUT_OF_MEMORY, what + ": this host has not enough memory", e);
        }
        return new StageException(FailureCode.INTERNAL_ERROR, what + ": " + firstLine(message), e);
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("unknown error");
    }
}
