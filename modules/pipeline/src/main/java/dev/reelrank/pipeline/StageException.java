package dev.reelrank.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A failure with a code. The message names the thing, the place and the remedy. */
public final class StageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;

    public StageException(FailureCode code, String message) {
        this(code, message, null);
    }

    public StageException(FailureCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code is null");
    }

    public FailureCode code() {
        return code;
    }
}
