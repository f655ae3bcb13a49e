package dev.reelrank.worker.models;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folder of a model. In this order:
 *
 * <ol>
 *   <li>what {@code --model NAME=PATH} says;
 *   <li>what {@code models.yaml} at the root says: a path (from the root on) or a hub repository
 *       {@code org/name} that lies in a cache there;
 *   <li>{@code ROOT/NAME};
 *   <li>a hub cache folder below the root or its {@code hub} that holds the model;
 *   <li>the root itself, if it is the model's own folder (the single-stage commands take one).
 * </ol>
 *
 * <p>A hub cache folder {@code models--org--name}, wherever it is named, stands for its snapshot.
 */
public final class ModelFolders {
    /** Of diffusers, of Stable Diffusion in one file with motion modules, of ComfyUI. */
    private static final List<String> GENERATOR_MARKERS =
            List.of("model_index.json", "motion_adapter", "diffusion_models");

    private final Path root;
    private final Map<String, Path> overrides;
    private final Map<String, String> mapped;

    private ModelFolders(Path root, Map<String, Path> overrides, Map<String, String> mapped) {
        this.root = root;
        this.overrides = overrides;
        this.mapped = mapped;
    }

    /**
     * The folders below a root, with the exceptions that its {@code models.yaml} and the user name.
     *
     * @param root the folder of {@code --models}
     * @param overrides of {@code --model}, by model id
     * @throws StageException INVALID_CONFIG for an unknown model name, MODEL_MISSING if the root is
     *     not a folder and some model has no override
     */
    public static ModelFolders of(Path root, Map<String, Path> overrides) {
        var mapped = new HashMap<String, String>();
        var yaml = root.resolve("models.yaml");
        if (Files.isRegularFile(yaml)) {
            Yaml.map(yaml)
                    .forEach(
                            (key, value) -> mapped.put(String.valueOf(key), String.valueOf(value)));
        }
        var folders = new ModelFolders(root, Map.copyOf(overrides), mapped);
        overrides.keySet().forEach(folders::requireKnown);
        mapped.keySet().forEach(folders::requireKnown);
        return folders;
    }

    /** A name is one of ours, or any name for the folder of a generator. */
    private void requireKnown(String name) {
        boolean known =
                ModelName.find(name).isPresent()
                        || search(name, new ArrayList<>())
                                .filter(ModelFolders::isGenerator)
                                .isPresent();
        if (!known) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no such model: '%s'; use %s, or any name for the folder of a generator (it has a %s)"
                            .formatted(name, ModelName.ids(), GENERATOR_MARKERS.get(0)));
        }
    }

    private static boolean isGenerator(Path folder) {
        return GENERATOR_MARKERS.stream().anyMatch(name -> Files.exists(folder.resolve(name)));
    }

    public static ModelFolders of(Path root) {
        return of(root, Map.of());
    }

    /**
     * What {@code --models} says, or else the folder of the weights that ship: below the folder
     * that the launcher names ({@code reelrank.home}), without it below the present one.
     */
    public static Path rootOrShipped(@Nullable Path given) {
        return given != null
                ? given
                : Path.of(System.getProperty("reelrank.home", "."), "models", "testbed");
    }

    public Path root() {
        return root;
    }

    /** The model's folder. The error lists the folders tried. */
    public Path folder(ModelName name) {
        var tried = new ArrayList<Path>();
        return search(name, tried).orElseThrow(() -> missing(name.id(), tried));
    }

    /**
     * The folder of the generator of a configuration that names none: {@link ModelName#WAN}, or the
     * root itself if it is the own folder of any generator. The error lists the folders tried.
     */
    public Path generator() {
        var tried = new ArrayList<Path>();
        return search(ModelName.WAN, tried)
                .or(() -> Optional.of(ownFolder()).filter(ModelFolders::isGenerator))
                .orElseThrow(() -> missing(ModelName.WAN.id(), tried));
    }

    private Path ownFolder() {
        return HubCache.isRepository(root) ? HubCache.snapshot(root) : root;
    }

    /**
     * The folder of a generator by the name that a configuration gives it: one of ours, or any name
     * of {@code --model}, of {@code models.yaml}, of a folder below the root, or of a repository in
     * a hub cache there. The error lists the folders tried.
     */
    public Path generator(String name) {
        var own = ModelName.find(name);
        if (own.isPresent()) {
            return folder(own.get());
        }
        var tried = new ArrayList<Path>();
        return search(name, tried)
                .or(() -> repository(name, tried))
                .orElseThrow(() -> missing(name, tried));
    }

    private static StageException missing(String name, List<Path> tried) {
        return new StageException(
                FailureCode.MODEL_MISSING,
                "model '%s' not found; tried %s. Give the folder that holds it with --models DIR, or --model %s=PATH; 'reelrank models fetch' brings published ones"
                        .formatted(
                                name,
                                tried.stream()
                                        .map(Path::toString)
                                        .collect(Collectors.joining(", ")),
                                name));
    }

    /** The same, empty where it is not there. */
    public Optional<Path> find(ModelName name) {
        return search(name, new ArrayList<>());
    }

    private Optional<Path> search(ModelName name, List<Path> tried) {
        var found = search(name.id(), tried);
        return overrides.containsKey(name.id()) || mapped.containsKey(name.id())
                ? found
                : found.or(() -> hub(name, tried)).or(() -> own(name, tried));
    }

    private Optional<Path> search(String name, List<Path> tried) {
        var named = overrides.get(name);
        if (named != null) {
            return existing(named.toAbsolutePath(), tried);
        }
        var text = mapped.get(name);
        if (text != null) {
            var path = existing(root.resolve(text), tried);
            if (path.isPresent() || !text.matches("[\\w.-]+/[\\w.-]+")) {
                return path;
            }
            var cached = HubCache.folderName(text);
            return existing(root.resolve(cached), tried)
                    .or(() -> existing(root.resolve("hub").resolve(cached), tried));
        }
        return existing(root.resolve(name), tried);
    }

    private Optional<Path> repository(String name, List<Path> tried) {
        var fitting =
                HubCache.repositories(root).stream()
                        .filter(r -> r.getFileName().toString().endsWith("--" + name))
                        .toList();
        if (fitting.size() != 1) {
            tried.add(root.resolve("models--*--" + name));
            return Optional.empty();
        }
        return Optional.of(HubCache.snapshot(fitting.get(0)));
    }

    private static Optional<Path> existing(Path folder, List<Path> tried) {
        if (!Files.isDirectory(folder)) {
            tried.add(folder);
            return Optional.empty();
        }
        return Optional.of(HubCache.isRepository(folder) ? HubCache.snapshot(folder) : folder);
    }

    private Optional<Path> hub(ModelName name, List<Path> tried) {
        var fitting =
                HubCache.repositories(root).stream()
                        .filter(r -> name.matchesHubFolder(r.getFileName().toString()))
                        .toList();
        if (fitting.size() > 1) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "several folders hold model '"
                            + name.id()
                            + "': "
                            + fitting
                            + "; choose one with --model "
                            + name.id()
                            + "=PATH or in "
                            + root.resolve("models.yaml"));
        }
        if (fitting.isEmpty()) {
            tried.add(root.resolve("models--*"));
            return Optional.empty();
        }
        return Optional.of(HubCache.snapshot(fitting.get(0)));
    }

    private Optional<Path> own(ModelName name, List<Path> tried) {
        var folder = ownFolder();
        if (name.isOwnFolder(folder)) {
            return Optional.of(folder);
        }
        tried.add(folder);
        return Optional.empty();
    }
}
