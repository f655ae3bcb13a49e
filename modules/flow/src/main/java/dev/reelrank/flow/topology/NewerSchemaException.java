package dev.reelrank.flow.topology;

/** A record was written by a newer Reelrank. Processing pauses until this process is upgraded. */
public final class NewerSchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NewerSchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
