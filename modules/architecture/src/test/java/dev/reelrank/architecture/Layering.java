package dev.reelrank.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * {@code etc/module-layering.yaml}.
 *
 * @param rows what each module may use, in the order of the file: from the bottom up
 * @param groups each library group's package prefixes
 */
record Layering(Map<String, Row> rows, Map<String, List<String>> groups) {
    /**
     * What one module may use.
     *
     * @param kind {@code worker} or {@code family}: modules of one kind never use each other
     */
    record Row(Set<String> modules, Set<String> libraries, @Nullable String kind) {}

    private static final Set<String> KINDS = Set.of("worker", "family");
    private static final Set<String> KEYS = Set.of("modules", "libraries", "kind");

    static Layering read(Path file) throws IOException {
        Map<?, ?> document =
                (Map<?, ?>)
                        new Load(LoadSettings.builder().setLabel(file.toString()).build())
                                .loadFromString(Files.readString(file));
        Map<String, List<String>> groups = new LinkedHashMap<>();
        map(document, "libraries").forEach((name, prefixes) -> groups.put(name, strings(prefixes)));
        Map<String, Row> rows = new LinkedHashMap<>();
        map(document, "modules").forEach((name, row) -> rows.put(name, row(name, (Map<?, ?>) row)));
        return new Layering(rows, groups);
    }

    private static Row row(String name, Map<?, ?> row) {
        for (Object key : row.keySet()) {
            if (!KEYS.contains(key)) {
                throw new AssertionError(
                        name + ": unknown key " + key + "; known are " + new TreeSet<>(KEYS));
            }
        }
        String kind = (String) row.get("kind");
        if (kind != null && !KINDS.contains(kind)) {
            throw new AssertionError(
                    name + ": unknown kind " + kind + "; known are " + new TreeSet<>(KINDS));
        }
        return new Row(
                new LinkedHashSet<>(strings(row.get("modules"))),
                new LinkedHashSet<>(strings(row.get("libraries"))),
                kind);
    }

    /** The groups a library package belongs to by its longest prefix; empty if none names it. */
    Set<String> groupsOf(String libraryPackage) {
        Set<String> found = new TreeSet<>();
        int longest = 0;
        for (Map.Entry<String, List<String>> group : groups.entrySet()) {
            for (String prefix : group.getValue()) {
                boolean matches =
                        libraryPackage.equals(prefix) || libraryPackage.startsWith(prefix + ".");
                if (matches && prefix.length() >= longest) {
                    if (prefix.length() > longest) {
                        found.clear();
                    }
                    longest = prefix.length();
                    found.add(group.getKey());
                }
            }
        }
        return found;
    }

    @SuppressWarnings("unchecked") // the file's own shape: names to values
    private static Map<String, Object> map(Map<?, ?> document, String key) {
        return (Map<String, Object>) document.get(key);
    }

    @SuppressWarnings("unchecked") // the file's own shape: a list of names
    private static List<String> strings(@Nullable Object list) {
        return (List<String>) list;
    }
}
