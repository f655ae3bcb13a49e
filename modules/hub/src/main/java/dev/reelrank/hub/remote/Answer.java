package dev.reelrank.hub.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What came back, after redirects.
 *
 * @param address that answered; may be signed, so only its host goes into messages
 * @param fromHub whether the hub itself answered, not a storage host
 * @param response with a body that the holder closes
 */
record Answer(URI address, boolean fromHub, HttpResponse<InputStream> response)
        implements AutoCloseable {
    int status() {
        return response.statusCode();
    }

    Optional<String> header(String name) {
        return response.headers().firstValue(name);
    }

    OptionalLong length() {
        return response.headers().firstValueAsLong("Content-Length");
    }

    /** A whole page in place of a file: of a sign-in, of a proxy. */
    boolean isHtml() {
        return header("Content-Type")
                .map(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html"))
                .orElse(false);
    }

    InputStream body() {
        return response.body();
    }

    /** Closing breaks off what has not arrived. */
    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
