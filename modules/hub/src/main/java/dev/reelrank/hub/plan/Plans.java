package dev.reelrank.hub.plan;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The models that can be fetched, and the sets of them that people ask for. Written in YAML; {@code
 * plans.yaml} beside this class ships, and a file of the user may add to it.
 *
 * @param models by name, in the file's order
 * @param plans names of models by the plan's name
 */
public record Plans(Map<String, ModelPlan> models, Map<String, Plan> plans) {
    /**
     * A set of models.
     *
     * @param description one line
     * @param models their names
     */
    public record Plan(String description, List<String> models) {}

    private static final Set<String> MODEL_KEYS =
            Set.of(
                    "description",
                    "repository",
                    "revision",
                    "folder",
                    "strip",
                    "gated",
                    "about",
                    "export",
                    "inference",
                    "also");

    /** The plans that ship. */
    public static Plans shipped() {
        try (InputStream in =
                Objects.requireNonNull(Plans.class.getResourceAsStream("plans.yaml"))) {
            return read(new String(in.readAllBytes(), StandardCharsets.UTF_8), "plans.yaml");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * These and those of a file; what has the same name is replaced.
     *
     * @throws StageException INVALID_CONFIG that names the file, the entry and the key
     */
    public Plans with(Path file) {
        try {
            var more = read(Files.readString(file), file.toString());
            var allModels = new LinkedHashMap<>(models);
            allModels.putAll(more.models);
            var allPlans = new LinkedHashMap<>(plans);
            allPlans.putAll(more.plans);
            var all = new Plans(allModels, allPlans);
            allPlans.values().forEach(plan -> all.choose(plan.models()));
            return all;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "cannot read the plans in " + file + ": " + e, e);
        }
    }

    /**
     * The models of plans and models by name, each once.
     *
     * @throws StageException INVALID_CONFIG if there is no such plan and no such model, or if a
     *     plan contains itself
     */
    public List<ModelPlan> choose(Collection<String> names) {
        var chosen = new LinkedHashSet<ModelPlan>();
        choose(names, List.of(), chosen);
        return List.copyOf(chosen);
    }

    /**
     * @param within the plans that led here, the outermost first
     */
    private void choose(Collection<String> names, List<String> within, Set<ModelPlan> chosen) {
        for (String name : names) {
            var plan = plans.get(name);
            var model = models.get(name);
            if (plan != null) {
                var here = new ArrayList<>(within);
                here.add(name);
                if (within.contains(name)) {
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "the plan '%s' contains itself: %s"
                                    .formatted(name, String.join(" > ", here)));
                }
                choose(plan.models(), here, chosen);
            } else if (model != null) {
                chosen.add(model);
            } else {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "no plan and no model '%s'; plans: %s; models: %s"
                                .formatted(
                                        name,
                                        String.join(", ", plans.keySet()),
                                        String.join(", ", models.keySet())));
            }
        }
    }

    private static Plans read(String yaml, String where) {
        Object top;
        try {
            top = new Load(LoadSettings.builder().setLabel(where).build()).loadFromString(yaml);
        } catch (RuntimeException | StackOverflowError e) {
            // The parser answers damaged text with every kind of exception.
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "cannot read " + where + ": " + e.getMessage(), e);
        }
        var root = new Entry(where, top);
        root.allow(Set.of("models", "plans"));
        var models = new LinkedHashMap<String, ModelPlan>();
        root.entries("models").forEach((name, entry) -> models.put(name, model(name, entry)));
        var plans = new LinkedHashMap<String, Plan>();
        root.entries("plans")
                .forEach(
                        (name, entry) -> {
                            entry.allow(Set.of("description", "models"));
                            plans.put(
                                    name,
                                    new Plan(entry.text("description", ""), entry.texts("models")));
                        });
        return new Plans(models, plans);
    }

    private static ModelPlan model(String name, Entry entry) {
        entry.allow(MODEL_KEYS);
        String repository = entry.text("repository", null);
        if (!repository.matches("[\\w.-]+/[\\w.-]+")) {
            throw entry.wrong("repository", "is '" + repository + "', not ORG/NAME");
        }
        if (!name.matches("\\w[\\w.-]*")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    entry.where() + " must have a name of letters, digits, '.', '-' and '_'");
        }
        String folder = entry.text("folder", name);
        if (!parted(folder) || List.of(folder.split("/")).contains("..")) {
            throw entry.wrong("folder", "is '" + folder + "', not a folder below the models");
        }
        String revision = entry.text("revision", "main");
        if (!parted(revision) || revision.contains("..")) {
            throw entry.wrong("revision", "is '" + revision + "', not a branch, a tag or a commit");
        }
        var inference = entry.texts("inference");
        if (inference.isEmpty()) {
            throw entry.wrong("inference", "is empty: name the files, for example [\"**\"]");
        }
        String export = entry.text("export", "");
        return new ModelPlan(
                name,
                entry.text("description", ""),
                repository,
                revision,
                folder,
                entry.text("strip", ""),
                Boolean.parseBoolean(entry.text("gated", "false")),
                entry.bytes("about"),
                export.isEmpty() ? null : export,
                inference,
                entry.texts("also"));
    }

    /** Names with slashes between them; one expression for all would recurse once per name. */
    private static boolean parted(String text) {
        return Arrays.stream(text.split("/", -1)).allMatch(part -> part.matches("[\\w.-]+"));
    }

    /** A mapping of the file, and where it stands. */
    private record Entry(String where, Map<?, ?> values) {
        Entry(String where, @Nullable Object value) {
            this(where, mapping(where, value));
        }

        private static Map<?, ?> mapping(String where, @Nullable Object value) {
            if (value == null) {
                return Map.of();
            }
            if (value instanceof Map<?, ?> map) {
                return map;
            }
            throw new StageException(
                    FailureCode.INVALID_CONFIG, where + " must be a mapping of names to values");
        }

        void allow(Set<String> keys) {
            for (Object key : values.keySet()) {
                if (!keys.contains(String.valueOf(key))) {
                    throw wrong(String.valueOf(key), "is no key here; use one of " + sorted(keys));
                }
            }
        }

        private static List<String> sorted(Set<String> keys) {
            return keys.stream().sorted().toList();
        }

        Map<String, Entry> entries(String key) {
            var entries = new LinkedHashMap<String, Entry>();
            mapping(where + ": " + key, values.get(key))
                    .forEach(
                            (name, value) ->
                                    entries.put(
                                            String.valueOf(name),
                                            new Entry(where + ": " + key + "." + name, value)));
            return entries;
        }

        String text(String key, @Nullable String absent) {
            Object value = values.get(key);
            if (value == null && absent == null) {
                throw wrong(key, "is missing");
            }
            return value == null ? Objects.requireNonNull(absent) : scalar(key, value);
        }

        /** A list or mapping has no text; one that contains itself would not even end. */
        private String scalar(String key, @Nullable Object value) {
            if (value == null || value instanceof Collection || value instanceof Map) {
                throw wrong(key, "must contain text alone");
            }
            return value.toString();
        }

        List<String> texts(String key) {
            Object value = values.get(key);
            if (value == null) {
                return List.of();
            }
            if (!(value instanceof List<?> list)) {
                throw wrong(key, "is no list");
            }
            var texts = new ArrayList<String>();
            list.forEach(item -> texts.add(scalar(key, item)));
            return texts;
        }

        long bytes(String key) {
            Object value = values.get(key);
            if (value == null) {
                return 0;
            }
            if (value instanceof Number number && number.longValue() >= 0) {
                return number.longValue();
            }
            throw wrong(key, "is not a number of bytes");
        }

        StageException wrong(String key, String what) {
            return new StageException(
                    FailureCode.INVALID_CONFIG, where + ": '" + key + "' " + what);
        }
    }
}
