package dev.reelrank.prompt;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a model is served, for the command and the worker. */
final class EndpointOptions {
    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description =
                    "An OpenAI-compatible server with image input, for example"
                            + " http://host:8000/v1; no model is loaded here then.")
    private @Nullable String endpoint;

    @Option(
            names = "--endpoint-model",
            paramLabel = "NAME",
            description = "Name of the model on the server.")
    private String endpointModel = "";

    @Option(
            names = "--endpoint-key-env",
            paramLabel = "NAME",
            defaultValue = "REELRANK_ENDPOINT_KEY",
            description =
                    "Environment variable with the server's API key, if it needs one (${DEFAULT-VALUE}).")
    private String keyVariable = "REELRANK_ENDPOINT_KEY";

    @Option(
            names = "--endpoint-timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Maximum time to wait for an answer (${DEFAULT-VALUE}).")
    private int timeoutSeconds = 120;

    /** The endpoint, if one was named. */
    Optional<Endpoint> endpoint() {
        if (endpoint == null) {
            return Optional.empty();
        }
        var key = System.getenv(keyVariable);
        return Optional.of(
                Endpoint.of(
                        endpoint,
                        endpointModel,
                        key == null ? "" : key,
                        Duration.ofSeconds(Math.max(1, timeoutSeconds))));
    }
}
