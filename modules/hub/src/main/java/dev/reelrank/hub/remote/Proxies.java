package dev.reelrank.hub.remote;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxies that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} name, which Java
 * does not read by itself. Lower case counts too.
 */
public final class Proxies extends ProxySelector {
    private final Optional<InetSocketAddress> https;
    private final Optional<InetSocketAddress> http;
    private final List<String> direct;

    private Proxies(
            Optional<InetSocketAddress> https,
            Optional<InetSocketAddress> http,
            List<String> direct) {
        this.https = https;
        this.http = http;
        this.direct = direct;
    }

    /**
     * Reads the variables.
     *
     * @throws StageException INVALID_CONFIG if a variable is no address, or names a user
     */
    static Proxies of(Map<String, String> environment) {
        String none = value(environment, "NO_PROXY").toLowerCase(Locale.ROOT);
        return new Proxies(
                address(environment, "HTTPS_PROXY"),
                address(environment, "HTTP_PROXY"),
                List.of(none.split("\\s*,\\s*", -1)));
    }

    private static String value(Map<String, String> environment, String name) {
        String lower = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        return lower.isEmpty() ? environment.getOrDefault(name, "") : lower;
    }

    private static Optional<InetSocketAddress> address(
            Map<String, String> environment, String name) {
        String text = value(environment, name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = URI.create(text.contains("://") ? text : "http://" + text);
            if (uri.getUserInfo() != null) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        name
                                + " names a proxy with a user and a password, which is not supported: name one without");
            }
            if (uri.getHost() != null && "http".equals(uri.getScheme())) {
                int port = uri.getPort() < 0 ? 80 : uri.getPort();
                return Optional.of(InetSocketAddress.createUnresolved(uri.getHost(), port));
            }
        } catch (IllegalArgumentException e) {
            // Said below, for every form that is none.
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                name + " must be the address of a proxy: http://HOST:PORT");
    }

    @Override
    public List<Proxy> select(URI uri) {
        var chosen = "https".equals(uri.getScheme()) ? https : http;
        if (chosen.isEmpty() || isDirect(uri.getHost().toLowerCase(Locale.ROOT))) {
            return List.of(Proxy.NO_PROXY);
        }
        // Resolved here: the client takes no name that it would have to resolve.
        var address = chosen.get();
        return List.of(
                new Proxy(
                        Proxy.Type.HTTP,
                        new InetSocketAddress(address.getHostString(), address.getPort())));
    }

    private boolean isDirect(String host) {
        return Loopback.is(host)
                || direct.stream()
                        .map(name -> name.startsWith(".") ? name.substring(1) : name)
                        .filter(name -> !name.isEmpty())
                        .anyMatch(
                                name ->
                                        name.equals("*")
                                                || host.equals(name)
                                                || host.endsWith("." + name));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {
        // The request fails with the same exception.
    }
}
