package dev.reelrank.bus.codec;

import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.StageSpec;
import dev.reelrank.pipeline.stage.Stages;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

/**
 * The schemas that ship with this build: the current one of every event, and every version that was
 * ever published. Published versions are hundreds, and most processes meet none of them but the
 * current ones: each is parsed when it is asked for.
 */
final class SchemaCatalog {
    private static final String ROOT = "/dev/reelrank/schemas/";

    /** Kinds of lines of the index whose schemas may stand on a topic. */
    private static final Set<String> EVENTS = Set.of("event", "each-event", "each-requested");

    private final Map<String, Schema> events;
    private final Set<Long> published;
    private final Map<Long, Schema> parsed = new ConcurrentHashMap<>();

    private SchemaCatalog(Map<String, Schema> events, Set<Long> published) {
        this.events = events;
        this.published = published;
    }

    /** Reads those of these stages from the class path. */
    static SchemaCatalog load(Stages stages) {
        var types = new ArrayList<String>();
        var events = new HashSet<Integer>();
        for (String line : lines("index.txt")) {
            String[] parts = line.split(" ", 2);
            int first = types.size();
            switch (parts[0]) {
                case "type", "event" -> types.add(forAll(text(parts[1]), stages));
                case "stages" -> stages.names().forEach(s -> types.addAll(ownTypes(s.id())));
                case "each-type", "each-event" -> addAll(types, parts[1], stages.all());
                case "each-requested" ->
                        addAll(
                                types,
                                parts[1],
                                stages.requested().stream().map(stages::of).toList());
                default -> throw new MappingException("index.txt: what is '" + line + "'?");
            }
            if (EVENTS.contains(parts[0])) {
                IntStream.range(first, types.size()).forEach(events::add);
            }
        }
        var published = new LinkedHashSet<Long>();
        for (String line : lines("published/index.txt")) {
            published.add(Long.parseUnsignedLong(line.split(" ", 2)[0], 16));
        }
        return new SchemaCatalog(parse(types, events), published);
    }

    private static void addAll(List<String> types, String file, List<StageSpec> rows) {
        String text = text(file);
        rows.forEach(row -> types.add(forOne(text, row)));
    }

    /**
     * All in one union: a parser that is asked once more looks at everything it knows once more.
     *
     * @param wanted indices of those that are returned
     */
    private static Map<String, Schema> parse(List<String> types, Set<Integer> wanted) {
        var union = new Schema.Parser().parse("[" + String.join(",", types) + "]").getTypes();
        var schemas = new LinkedHashMap<String, Schema>();
        for (int i = 0; i < union.size(); i++) {
            if (wanted.contains(i)) {
                schemas.put(union.get(i).getFullName(), union.get(i));
            }
        }
        return schemas;
    }

    /** The schemas that belong to one stage alone. */
    private static List<String> ownTypes(String stage) {
        String folder = "stages/" + stage + "/";
        return lines(folder + "index.txt").stream().map(file -> text(folder + file)).toList();
    }

    private static String forAll(String text, Stages stages) {
        return text.replace(
                        "\"${requests}\"", joined(stages, row -> row.request().getCanonicalName()))
                .replace(
                        "\"${facts}\"",
                        joined(
                                stages,
                                row ->
                                        StageFact.class.getPackageName()
                                                + "."
                                                + title(row)
                                                + "Fact"));
    }

    private static String joined(Stages stages, Function<StageSpec, String> name) {
        return stages.all().stream()
                .map(row -> '"' + name.apply(row) + '"')
                .collect(Collectors.joining(", "));
    }

    private static String forOne(String text, StageSpec row) {
        return text.replace("${stage}", row.name().id())
                .replace("${Stage}", title(row))
                .replace("${STAGE}", row.name().symbol())
                .replace("${request}", row.request().getCanonicalName())
                .replace("${result}", row.result().getCanonicalName());
    }

    private static String title(StageSpec row) {
        String id = row.name().id();
        return id.substring(0, 1).toUpperCase(Locale.ROOT) + id.substring(1);
    }

    /** Current schemas by full name, in the order of the index. */
    Map<String, Schema> events() {
        return events;
    }

    /** The CRC-64-AVRO fingerprint of every published version. */
    Set<Long> published() {
        return published;
    }

    /** A published version, null if none has this fingerprint. */
    @Nullable Schema published(long fingerprint) {
        if (!published.contains(fingerprint)) {
            return null;
        }
        // A parser of its own: versions of one schema share their names.
        return parsed.computeIfAbsent(
                fingerprint,
                key -> new Schema.Parser().parse(text("published/" + hex(key) + ".avsc")));
    }

    /** CRC-64-AVRO of the parsing canonical form: what single-object encoding writes. */
    static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    /** A fingerprint as file names and messages show it: 16 hex digits. */
    static String hex(long fingerprint) {
        return String.format("%016x", fingerprint);
    }

    private static List<String> lines(String name) {
        try (var reader =
                new BufferedReader(new InputStreamReader(open(name), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String name) {
        try (InputStream in = open(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        InputStream in = SchemaCatalog.class.getResourceAsStream(ROOT + name);
        if (in == null) {
            throw new MappingException(
                    "no schema resource "
                            + ROOT
                            + name
                            + ": the reelrank-schemas jar is missing or incomplete");
        }
        return in;
    }
}
