package dev.reelrank.hub.checkpoint;

/** A pickle that is not one of tensors. The message goes on after the file's name. */
final class PickleException extends Exception {
    private static final long serialVersionUID = 1L;

    PickleException(String message) {
        super(message);
    }
}
