package dev.reelrank.hub.remote;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A file, or the rest of one, on its way.
 *
 * @param from the byte at which the stream begins: the one that was asked for, or 0 where the
 *     server sends the whole file instead
 * @param etag of the host that sends it, to ask for the rest later
 * @param in the bytes; the holder closes it
 */
record FileBody(long from, Optional<String> etag, InputStream in) implements AutoCloseable {
    @Override
    public void close() throws IOException {
        in.close();
    }
}
