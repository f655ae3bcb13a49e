package dev.reelrank.client.study;

import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.client.config.Nearest;
import dev.reelrank.client.study.PlannedCell.Choose;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Studies in YAML: named cells, a matrix of parameters, or both (docs/evaluation.md). An unknown
 * key is an error that names the nearest valid one.
 */
public final class StudyFile {
    /** The studies that ship, by name. */
    public static final List<String> READY_MADE =
            List.of(
                    "first-look",
                    "steps",
                    "prompt-modes",
                    "reranking",
                    "seeds",
                    "choose-by-metrics",
                    "ablation",
                    "identityflow");

    private static final List<String> KEYS =
            List.of(
                    "name",
                    "question",
                    "dataset",
                    "samples",
                    "first",
                    "preset",
                    "set",
                    "matrix",
                    "cells",
                    "baseline",
                    "incremental",
                    "metrics",
                    "choose");
    private static final List<String> CELL_KEYS = List.of("name", "preset", "set", "choose");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int MOST_CELLS = 1000;

    private final String where;

    private StudyFile(String where) {
        this.where = where;
    }

    /**
     * Reads a file, or a ready-made study by its name.
     *
     * @throws StageException INVALID_CONFIG, naming the file, the key and the nearest valid name
     */
    public static StudyPlan read(String fileOrName) {
        Path file = Path.of(fileOrName);
        try {
            if (Files.isRegularFile(file)) {
                return parse(file.toString(), Files.readString(file));
            }
            if (READY_MADE.contains(fileOrName)) {
                try (InputStream in =
                        StudyFile.class.getResourceAsStream(
                                "/dev/reelrank/client/studies/" + fileOrName + ".yaml")) {
                    if (in == null) {
                        throw new IllegalStateException(
                                "study " + fileOrName + " is not on the class path");
                    }
                    return parse(
                            "study " + fileOrName,
                            new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot read the study " + fileOrName + ": " + e.getMessage(),
                    e);
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "there is no file %s, and no ready-made study of that name; there are %s"
                        .formatted(fileOrName, String.join(", ", READY_MADE)));
    }

    /**
     * Reads YAML text.
     *
     * @param where named in errors
     */
    public static StudyPlan parse(String where, String yaml) {
        Object root;
        try {
            root =
                    new Load(
                                    LoadSettings.builder()
                                            .setLabel(where)
                                            .setSchema(new CoreSchema())
                                            .build())
                            .loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, where + " is not YAML: " + e.getMessage(), e);
        }
        return new StudyFile(where).plan(root);
    }

    private StudyPlan plan(@Nullable Object root) {
        Map<String, Object> map = map(root, "the study", KEYS);
        String name = text(map, "name", null);
        if (!NAME.matcher(name).matches()) {
            throw wrong(
                    "name is '%s'; it must be a word of letters, digits, '.', '_', '-'"
                            .formatted(name));
        }
        var base = new Base(text(map, "preset", ""), settings(map, "set"), choose(map));
        boolean incremental = Boolean.TRUE.equals(map.get("incremental"));
        var cells = new ArrayList<PlannedCell>();
        named(map.get("cells"), base, incremental, cells);
        if (map.containsKey("matrix")) {
            matrix(map, base, cells);
        }
        if (cells.size() < 2) {
            throw wrong("a study compares at least two configurations, in 'cells' or 'matrix'");
        }
        unique(cells);
        String baseline = text(map, "baseline", cells.get(0).name());
        var names = cells.stream().map(PlannedCell::name).toList();
        if (!names.contains(baseline)) {
            throw wrong(
                    "the baseline '%s' is none of its configurations; did you mean '%s'?"
                            .formatted(baseline, Nearest.to(baseline, names)));
        }
        return new StudyPlan(
                name,
                text(map, "question", ""),
                map.containsKey("dataset") ? text(map, "dataset", "") : null,
                strings(map, "samples"),
                map.get("first") == null ? null : whole(map, "first"),
                baseline,
                incremental,
                strings(map, "metrics"),
                cells);
    }

    /** What a cell starts from. */
    private record Base(String preset, Map<String, Object> settings, Choose choose) {}

    private void named(
            @Nullable Object cells, Base base, boolean incremental, List<PlannedCell> into) {
        if (cells == null) {
            return;
        }
        if (!(cells instanceof List<?> list)) {
            throw wrong("cells must be a list of mappings with a name");
        }
        Base before = base;
        for (Object one : list) {
            Map<String, Object> cell = map(one, "a cell", CELL_KEYS);
            String name = text(cell, "name", null);
            Map<String, Object> own = settings(cell, "set");
            var all = new LinkedHashMap<>(before.settings());
            all.putAll(own);
            String preset = text(cell, "preset", before.preset());
            Choose choose = cell.containsKey("choose") ? choose(cell) : before.choose();
            into.add(cell(name, preset, all, choose, described(own, preset, choose, before)));
            if (incremental) {
                before = new Base(preset, all, choose);
            }
        }
    }

    private static String described(
            Map<String, Object> own, String preset, Choose choose, Base before) {
        var parts = new ArrayList<String>();
        if (!preset.equals(before.preset())) {
            parts.add("preset " + preset);
        }
        own.forEach((key, value) -> parts.add(key + "=" + flow(value)));
        if (choose != before.choose()) {
            parts.add("choose=" + choose.name().toLowerCase(java.util.Locale.ROOT));
        }
        return String.join(", ", parts);
    }

    private void matrix(Map<String, Object> map, Base base, List<PlannedCell> into) {
        if (!(map.get("matrix") instanceof Map<?, ?> matrix) || matrix.isEmpty()) {
            throw wrong("matrix must be a mapping of parameters to lists of values");
        }
        List<Map<String, Object>> combinations = List.of(Map.of());
        for (var entry : matrix.entrySet()) {
            String key = String.valueOf(entry.getKey());
            if (!(entry.getValue() instanceof List<?> values) || values.isEmpty()) {
                throw wrong("matrix.%s must be a list of values such as [4, 8]".formatted(key));
            }
            var next = new ArrayList<Map<String, Object>>();
            for (var combination : combinations) {
                for (Object value : values) {
                    var more = new LinkedHashMap<>(combination);
                    more.put(key, value);
                    next.add(more);
                }
            }
            combinations = next;
            if (combinations.size() > MOST_CELLS) {
                throw wrong("the matrix has more than %d configurations".formatted(MOST_CELLS));
            }
        }
        for (var combination : combinations) {
            var own = new LinkedHashMap<>(combination);
            Object preset = own.remove("preset");
            var all = new LinkedHashMap<>(base.settings());
            all.putAll(own);
            var parts = new ArrayList<String>();
            combination.forEach((key, value) -> parts.add(last(key) + "=" + flow(value)));
            into.add(
                    cell(
                            String.join(" ", parts),
                            preset == null ? base.preset() : preset.toString(),
                            all,
                            base.choose(),
                            String.join(", ", parts)));
        }
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    private PlannedCell cell(
            String name,
            String preset,
            Map<String, Object> settings,
            Choose choose,
            String described) {
        try {
            RunConfiguration configuration =
                    preset.isEmpty()
                            ? RunConfiguration.defaults()
                            : ConfigurationFile.preset(preset);
            for (var setting : settings.entrySet()) {
                configuration =
                        ConfigurationFile.set(
                                setting.getKey() + "=" + flow(setting.getValue()), configuration);
            }
            return new PlannedCell(name, described, configuration, choose);
        } catch (StageException e) {
            throw new StageException(
                    e.code(),
                    "%s, configuration '%s': %s".formatted(where, name, e.getMessage()),
                    e);
        }
    }

    private void unique(List<PlannedCell> cells) {
        var seen = new HashSet<String>();
        for (PlannedCell cell : cells) {
            if (!seen.add(cell.name())) {
                throw wrong("two configurations are named '%s'".formatted(cell.name()));
            }
        }
    }

    /** A value as it stands in a line of YAML. */
    private static String flow(Object value) {
        var settings =
                DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.FLOW)
                        .setSchema(new CoreSchema())
                        .setWidth(10_000)
                        .build();
        return new Dump(settings).dumpToString(value).strip();
    }

    private Choose choose(Map<String, Object> map) {
        String word = text(map, "choose", "ranking");
        return switch (word) {
            case "ranking" -> Choose.RANKING;
            case "metrics" -> Choose.METRICS;
            default -> throw wrong("choose is '%s'; it must be ranking or metrics".formatted(word));
        };
    }

    private Map<String, Object> settings(Map<String, Object> map, String key) {
        Object value = map.get(key);
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> settings)) {
            throw wrong("%s must be a mapping such as {candidate.steps: 4}".formatted(key));
        }
        var all = new LinkedHashMap<String, Object>();
        settings.forEach((k, v) -> all.put(String.valueOf(k), v));
        return all;
    }

    private Map<String, Object> map(@Nullable Object value, String what, List<String> keys) {
        if (!(value instanceof Map<?, ?> found)) {
            throw wrong("%s must be a mapping with keys such as '%s'".formatted(what, keys.get(0)));
        }
        var all = new LinkedHashMap<String, Object>();
        for (var entry : found.entrySet()) {
            String key = String.valueOf(entry.getKey());
            if (!keys.contains(key)) {
                throw wrong(
                        "%s has no key '%s'; did you mean '%s'? Keys are %s"
                                .formatted(
                                        what, key, Nearest.to(key, keys), String.join(", ", keys)));
            }
            if (entry.getValue() != null) {
                all.put(key, entry.getValue());
            }
        }
        return all;
    }

    private String text(Map<String, Object> map, String key, @Nullable String otherwise) {
        Object value = map.get(key);
        if (value == null) {
            if (otherwise == null) {
                throw wrong("the key '%s' is missing".formatted(key));
            }
            return otherwise;
        }
        if (value instanceof Map || value instanceof List) {
            throw wrong("%s must be a text".formatted(key));
        }
        return value.toString();
    }

    private List<String> strings(Map<String, Object> map, String key) {
        Object value = map.get(key);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            throw wrong("%s must be a list".formatted(key));
        }
        return list.stream().map(String::valueOf).toList();
    }

    private int whole(Map<String, Object> map, String key) {
        if (map.get(key) instanceof Integer number && number > 0) {
            return number;
        }
        throw wrong("%s must be a whole number above 0".formatted(key));
    }

    private StageException wrong(String message) {
        return new StageException(FailureCode.INVALID_CONFIG, where + ": " + message);
    }
}
