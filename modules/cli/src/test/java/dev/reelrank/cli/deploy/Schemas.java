package dev.reelrank.cli.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Locale;

/** The schemas of resources, in files that kubeconform finds too. */
final class Schemas {
    static final Path FOLDER = Path.of("src/test/resources/kubernetes").toAbsolutePath();

    private Schemas() {}

    static Path file(JsonNode resource) {
        String[] api = resource.path("apiVersion").asText().split("/", 2);
        String group = api.length == 1 ? "" : "-" + api[0].split("\\.", 2)[0];
        String name = resource.path("kind").asText() + group + "-" + api[api.length - 1];
        return FOLDER.resolve(name.toLowerCase(Locale.ROOT) + ".json");
    }
}
