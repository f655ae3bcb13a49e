package dev.reelrank.bus.codec;

/** A schema and its record do not fit each other: a fault of the build, found at the start. */
final class MappingException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    MappingException(String message) {
        super(message);
    }
}
