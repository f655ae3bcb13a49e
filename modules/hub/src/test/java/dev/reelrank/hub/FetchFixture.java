package dev.reelrank.hub;

import dev.reelrank.hub.local.Layout;
import dev.reelrank.hub.plan.ModelPlan;
import dev.reelrank.hub.plan.Plans;
import dev.reelrank.hub.remote.HubSettings;
import dev.reelrank.hub.remote.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A models folder, a hub with one model, and fetches with little patience. */
final class FetchFixture implements AutoCloseable {
    static final byte[] CONFIG = "{\"model_type\": \"toy\"}".getBytes(StandardCharsets.UTF_8);
    static final byte[] WEIGHTS = LocalHub.content(1, 3 << 20);
    static final byte[] SECOND = LocalHub.content(2, 700_000);
    static final byte[] CARD = "# a card".getBytes(StandardCharsets.UTF_8);

    final LocalHub hub = new LocalHub();
    final Path home;
    final Path models;
    final Map<String, String> environment = new HashMap<>();
    final List<String> said = Collections.synchronizedList(new ArrayList<>());
    final String commit;
    Layout layout = Layout.PLAIN;
    FetchOptions options = new FetchOptions(false, false, 3);
    Patience patience =
            new Patience(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(2),
                    Duration.ofSeconds(5),
                    4);

    FetchFixture(Path folder) throws IOException {
        home = folder;
        models = folder.resolve("models");
        environment.put("HF_HOME", folder.resolve("hf").toString());
        environment.put("HF_ENDPOINT", hub.address());
        commit = hub.commit("org/toy", files());
    }

    static Map<String, byte[]> files() {
        var files = new HashMap<String, byte[]>();
        files.put("config.json", CONFIG);
        files.put("weights-1.safetensors", WEIGHTS);
        files.put("part two/weights-2.safetensors", SECOND);
        files.put("README.md", CARD);
        files.put("pytorch_model.bin", LocalHub.content(3, 5000));
        return files;
    }

    /** The plan of the model, written as a user would write it. */
    List<ModelPlan> plan(String... lines) throws IOException {
        Path file = home.resolve("plans.yaml");
        Files.writeString(
                file,
                """
                models:
                  toy:
                    repository: org/toy
                    inference: [config.json, "**.safetensors"]
                    also: [README.md]
                plans:
                  toys: {models: [toy]}
                """
                        + String.join("\n", lines));
        return Plans.shipped().with(file).choose(List.of("toys"));
    }

    HubSettings settings() {
        return HubSettings.of(environment, List.of()).with(patience);
    }

    Fetch fetch() {
        return new Fetch(models, layout, settings(), options, progress());
    }

    FetchProgress progress() {
        return new FetchProgress() {
            @Override
            public void say(String line) {
                said.add(line);
            }
        };
    }

    List<FetchedModel> run() throws Exception {
        return fetch().run(plan());
    }

    Path file(String path) {
        return models.resolve("toy").resolve(path);
    }

    /** All files below the models folder, without the lock files. */
    List<String> tree() throws IOException {
        if (!Files.exists(models)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(models)) {
            return all.filter(p -> !Files.isDirectory(p))
                    .map(p -> models.relativize(p).toString())
                    .filter(p -> !p.startsWith(".locks"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() {
        hub.close();
    }
}
