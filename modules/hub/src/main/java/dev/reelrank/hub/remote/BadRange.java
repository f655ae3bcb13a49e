package dev.reelrank.hub.remote;

import java.io.IOException;

/** The server does not have, or does not send, the range that was asked for. */
final class BadRange extends IOException {
    private static final long serialVersionUID = 1L;

    BadRange(String message) {
        super(message);
    }
}
