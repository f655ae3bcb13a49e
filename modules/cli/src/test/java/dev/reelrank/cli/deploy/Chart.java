package dev.reelrank.cli.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The Helm chart as Helm renders it.
 *
 * @param text all resources as YAML
 * @param resources the same, in order
 */
record Chart(String text, List<JsonNode> resources) {
    static final Path HOME = Path.of("../..").toAbsolutePath().normalize();
    static final Path FOLDER = HOME.resolve("deploy/helm/reelrank");

    /** The versions of values files that the chart must work with. */
    static final List<String> VALUES =
            List.of("existing", "strimzi-keda", "shared-gpus", "bundled-cpu");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Path values(String name) {
        return FOLDER.resolve("ci/" + name + ".yaml");
    }

    /**
     * Renders the chart.
     *
     * @throws IllegalStateException with Helm's message, if it refuses the values
     */
    static Chart render(Path values) {
        String text =
                new Helm(FOLDER)
                        .template()
                        .withName("farm")
                        .withNamespace("video")
                        .withKubeVersion("1.34")
                        .withValuesFile(values)
                        .call();
        return new Chart(text, documents(text));
    }

    static LintResult lint() {
        return new Helm(FOLDER).lint().call();
    }

    /** The documents of a YAML stream, without empty ones. */
    static List<JsonNode> documents(String text) {
        var documents = new ArrayList<JsonNode>();
        var settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
        for (Object document : new Load(settings).loadAllFromString(text)) {
            if (document != null) {
                documents.add(MAPPER.valueToTree(document));
            }
        }
        return List.copyOf(documents);
    }

    static JsonNode yaml(Path file) throws IOException {
        return documents(Files.readString(file)).get(0);
    }

    static String name(JsonNode resource) {
        return resource.path("kind").asText() + " " + resource.at("/metadata/name").asText();
    }

    Stream<JsonNode> of(String kind) {
        return resources.stream().filter(r -> r.path("kind").asText().equals(kind));
    }

    JsonNode one(String kind, String name) {
        return of(kind).filter(r -> r.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    /** What makes pods. */
    Stream<JsonNode> workloads() {
        return resources.stream().filter(r -> r.at("/spec/template/spec").isObject());
    }

    static JsonNode pod(JsonNode workload) {
        return workload.at("/spec/template/spec");
    }

    static Stream<JsonNode> containers(JsonNode workload) {
        return Stream.concat(
                items(pod(workload).path("initContainers")),
                items(pod(workload).path("containers")));
    }

    static Stream<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    static List<String> texts(JsonNode array) {
        return items(array).map(JsonNode::asText).toList();
    }
}
