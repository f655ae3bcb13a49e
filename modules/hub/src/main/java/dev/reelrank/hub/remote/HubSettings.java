package dev.reelrank.hub.remote;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where the hub is and who asks, from the variables that Hugging Face's own tools read.
 *
 * @param endpoints the hub, then mirrors that are asked where it does not answer
 * @param token if there is one
 * @param cache folder of the hub cache
 * @param offline whether the network must not be used
 * @param proxies between here and the hub
 * @param patience how long to wait
 */
public record HubSettings(
        List<URI> endpoints,
        Optional<HubToken> token,
        Path cache,
        boolean offline,
        Proxies proxies,
        Patience patience) {
    private static final String HUB = "https://huggingface.co";

    public HubSettings {
        endpoints = List.copyOf(endpoints);
    }

    /**
     * Reads {@code HF_ENDPOINT HF_TOKEN HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HF_HUB_OFFLINE} and the
     * variables of proxies.
     *
     * @param endpoints that the user named; none means {@code HF_ENDPOINT} or the public hub
     * @throws StageException INVALID_CONFIG that names the variable
     */
    public static HubSettings of(Map<String, String> environment, List<String> endpoints) {
        String user = System.getProperty("user.home");
        String cacheHome = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path home =
                path(
                        environment,
                        "HF_HOME",
                        (cacheHome.isEmpty() ? Path.of(user, ".cache") : Path.of(cacheHome))
                                .resolve("huggingface"));
        var addresses = new ArrayList<URI>();
        if (endpoints.isEmpty()) {
            String set = environment.getOrDefault("HF_ENDPOINT", "");
            addresses.add(endpoint(set.isEmpty() ? HUB : set, "HF_ENDPOINT"));
        } else {
            endpoints.forEach(text -> addresses.add(endpoint(text, "--endpoint")));
        }
        return new HubSettings(
                addresses,
                HubToken.find(environment, home),
                path(environment, "HF_HUB_CACHE", home.resolve("hub")),
                isSet(environment.getOrDefault("HF_HUB_OFFLINE", "")),
                Proxies.of(environment),
                Patience.standard());
    }

    /** The same with other limits of time. */
    public HubSettings with(Patience other) {
        return new HubSettings(endpoints, token, cache, offline, proxies, other);
    }

    private static Path path(Map<String, String> environment, String name, Path absent) {
        String text = environment.getOrDefault(name, "");
        return text.isEmpty() ? absent : Path.of(text).toAbsolutePath();
    }

    private static boolean isSet(String text) {
        return List.of("1", "on", "yes", "true").contains(text.toLowerCase(Locale.ROOT));
    }

    private static URI endpoint(String text, String source) {
        try {
            URI uri = URI.create(text.replaceFirst("/+$", ""));
            String scheme = String.valueOf(uri.getScheme());
            if (uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && (scheme.equals("https") || scheme.equals("http"))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below, for every form that is none.
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                source + " must be an address such as " + HUB + ", without user and query");
    }
}
