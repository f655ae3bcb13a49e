package dev.reelrank.hub.remote;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Requests to one endpoint. Follows redirects by itself, because the token must stay at the
 * endpoint: a storage host gets a signed address and nothing else.
 */
final class Http {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern FORBIDDEN = Pattern.compile("[ \"<>\\\\^`{|}]");
    private static final int HOPS = 6;

    private final URI endpoint;
    private final Optional<HubToken> token;
    private final boolean withheld;
    private final Patience patience;
    private final HttpClient client;

    Http(URI endpoint, HubSettings settings) {
        this.endpoint = endpoint;
        this.token = mayTravel(endpoint) ? settings.token() : Optional.empty();
        this.withheld = settings.token().isPresent() && token.isEmpty();
        this.patience = settings.patience();
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(patience.answer())
                        .proxy(settings.proxies())
                        .build();
    }

    /** Over a connection that others can read the token is not sent, except on this machine. */
    private static boolean mayTravel(URI endpoint) {
        return "https".equals(endpoint.getScheme()) || Loopback.is(endpoint.getHost());
    }

    /** The token that requests carry. */
    Optional<HubToken> token() {
        return token;
    }

    /** Whether there is a token that requests do not carry, because others could read it. */
    boolean withholdsToken() {
        return withheld;
    }

    /**
     * Sends, and follows redirects.
     *
     * @param path behind the endpoint's address, encoded
     * @throws TryAgain for an answer that may be another one in a while
     */
    Answer send(String method, String path, Map<String, String> headers)
            throws IOException, InterruptedException {
        URI address = URI.create(endpoint + path);
        for (int hop = 0; hop < HOPS; hop++) {
            var request =
                    HttpRequest.newBuilder(address)
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .timeout(patience.answer())
                            .header("User-Agent", "reelrank")
                            // Compressed bytes would be counted and hashed as something else.
                            .header("Accept-Encoding", "identity");
            headers.forEach(request::header);
            boolean atHub = isEndpoint(address);
            if (atHub) {
                token.ifPresent(t -> request.header("Authorization", t.header()));
            }
            var response = client.send(request.build(), BodyHandlers.ofInputStream());
            if (!REDIRECTS.contains(response.statusCode())) {
                return new Answer(address, atHub, response);
            }
            drop(response.body());
            address = redirected(address, response.headers().firstValue("Location").orElse(""));
        }
        throw new TryAgain(endpoint.getHost() + " redirects in a circle");
    }

    private static void drop(InputStream body) throws IOException {
        // The few bytes of a redirect are read, so that the connection serves the next request.
        try (body) {
            body.skip(1 << 16);
        }
    }

    private static URI redirected(URI from, String location) {
        URI next;
        try {
            next = from.resolve(lenient(location));
        } catch (IllegalArgumentException e) {
            throw new StageException(
                    FailureCode.ENDPOINT_UNAVAILABLE,
                    from.getHost() + " redirects to something that is no address");
        }
        String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
        boolean weaker = "https".equals(from.getScheme()) && !scheme.equals("https");
        if (location.isEmpty() || next.getHost() == null || weaker || !scheme.startsWith("http")) {
            throw new StageException(
                    FailureCode.ENDPOINT_UNAVAILABLE,
                    "%s redirects to %s://%s, which is not followed: name another address with --endpoint"
                            .formatted(from.getHost(), scheme, next.getHost()));
        }
        return next;
    }

    /** As browsers do: servers send addresses with letters that would have to be escaped. */
    private static String lenient(String location) {
        return FORBIDDEN
                .matcher(location)
                .replaceAll(match -> "%%%02X".formatted((int) match.group().charAt(0)));
    }

    private boolean isEndpoint(URI address) {
        return endpoint.getScheme().equalsIgnoreCase(address.getScheme())
                && endpoint.getHost().equalsIgnoreCase(address.getHost())
                && port(endpoint) == port(address);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
    }
}
