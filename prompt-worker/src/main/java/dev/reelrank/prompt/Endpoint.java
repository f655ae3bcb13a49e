package dev.reelrank.prompt;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.net.URI;
import java.time.Duration;

/**
 * A model served elsewhere behind an OpenAI-compatible interface.
 *
 * @param base up to the version, for example {@code http://gpu7:8000/v1}
 * @param model as the server calls it
 * @param key sent as a bearer token; empty for none
 * @param timeout of one request, from the first byte sent to the last one read
 * @param attempts how often a request is sent before the endpoint counts as unavailable, at least 1
 * @param pause before the second attempt; doubled before each further one
 */
record Endpoint(
        URI base, String model, String key, Duration timeout, int attempts, Duration pause) {
    Endpoint {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be at least 1, was " + attempts);
        }
    }

    /**
     * Reads an endpoint's address.
     *
     * @throws StageException INVALID_CONFIG when it is no HTTP address or there is no model name
     */
    static Endpoint of(String base, String model, String key, Duration timeout) {
        URI uri;
        try {
            uri = URI.create(base.endsWith("/") ? base.substring(0, base.length() - 1) : base);
        } catch (IllegalArgumentException e) {
            throw invalid(base, e);
        }
        if (uri.getHost() == null
                || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw invalid(base, null);
        }
        if (model.isBlank()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the endpoint's model has no name; set it with --endpoint-model");
        }
        return new Endpoint(uri, model, key, timeout, 4, Duration.ofMillis(500));
    }

    private static StageException invalid(
            String base, @org.jspecify.annotations.Nullable Throwable e) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "the endpoint '" + base + "' is not an address; use one like http://host:8000/v1",
                e);
    }

    URI completions() {
        return URI.create(base + "/chat/completions");
    }

    /** For messages and records: never with the key. */
    @Override
    public String toString() {
        return model + " at " + base;
    }
}
