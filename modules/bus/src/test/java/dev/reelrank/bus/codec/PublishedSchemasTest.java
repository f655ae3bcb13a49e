package dev.reelrank.bus.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;

/**
 * Guards what is on the topics already. A changed schema is published with
 *
 * <pre>mvn -q -pl modules/bus -am test -Dtest=PublishedSchemasTest -Dreelrank.publish=true</pre>
 */
class PublishedSchemasTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("basedir", ".")).resolve("../../schemas").normalize();
    private static final String HOW =
            "mvn -q -pl modules/bus -am test -Dtest=PublishedSchemasTest -Dreelrank.publish=true";

    @Test
    void shouldReadEveryPublishedVersionWithTheCurrentSchemas() {
        var problems = new ArrayList<String>();
        SchemaCatalog catalog = SchemaCatalog.load(Stages.STANDARD);
        for (long fingerprint : catalog.published()) {
            Schema old = catalog.published(fingerprint);
            Schema current = catalog.events().get(old.getFullName());
            if (current == null) {
                problems.add(
                        old.getFullName()
                                + " was published and is gone: its records stand on topics; keep the schema");
                continue;
            }
            var check = SchemaCompatibility.checkReaderWriterCompatibility(current, old);
            if (check.getType() != SchemaCompatibilityType.COMPATIBLE) {
                problems.add(
                        "%s can no longer read its published version %s: %s"
                                .formatted(
                                        old.getFullName(),
                                        SchemaCatalog.hex(SchemaCatalog.fingerprint(old)),
                                        check.getResult().getIncompatibilities()));
            }
        }
        assertThat(problems).as("incompatible changes of schemas").isEmpty();
    }

    @Test
    void shouldHavePublishedEveryCurrentSchema() throws IOException {
        SchemaCatalog catalog = SchemaCatalog.load(Stages.STANDARD);
        var missing = new ArrayList<Schema>();
        for (Schema schema : catalog.events().values()) {
            Schema published = catalog.published(SchemaCatalog.fingerprint(schema));
            if (published == null) {
                missing.add(schema);
            } else {
                // The fingerprint covers neither logical types nor defaults.
                assertThat(schema)
                        .as(
                                "%s differs from its published version in a logical type, default or property only: that changes the meaning of bytes already written",
                                schema.getFullName())
                        .isEqualTo(published);
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        if (!Boolean.getBoolean("reelrank.publish")) {
            fail(
                    "not published: %s. If the change is meant, run%n  %s%nand commit schemas/published",
                    missing.stream().map(Schema::getFullName).toList(), HOW);
        }
        for (Schema schema : missing) {
            publish(schema);
        }
    }

    @Test
    void shouldHoldEveryFileOfTheFolders() throws IOException {
        assertThat(files("types")).isEqualTo(listed("type "));
        assertThat(files("events")).isEqualTo(listed("event "));
        var published =
                lines("published/index.txt")
                        .map(l -> l.split(" ", -1)[0] + ".avsc")
                        .sorted()
                        .toList();
        assertThat(files("published")).isEqualTo(published);
        // A version is found by its file's name, so that must be its fingerprint.
        SchemaCatalog catalog = SchemaCatalog.load(Stages.STANDARD);
        for (long fingerprint : catalog.published()) {
            Schema version = catalog.published(fingerprint);
            assertThat(SchemaCatalog.hex(SchemaCatalog.fingerprint(version)))
                    .isEqualTo(SchemaCatalog.hex(fingerprint));
        }
    }

    @Test
    void shouldDocumentEveryFieldAndSymbol() {
        var undocumented = new ArrayList<String>();
        SchemaCatalog.load(Stages.STANDARD)
                .events()
                .values()
                .forEach(s -> collect(s, undocumented));
        assertThat(undocumented).as("schemas or fields without a doc").isEmpty();
    }

    private static void collect(Schema schema, List<String> undocumented) {
        switch (schema.getType()) {
            case RECORD -> {
                if (schema.getDoc() == null) {
                    undocumented.add(schema.getFullName());
                }
                for (Schema.Field field : schema.getFields()) {
                    if (field.doc() == null || field.doc().isBlank()) {
                        undocumented.add(schema.getFullName() + "." + field.name());
                    }
                    collect(field.schema(), undocumented);
                }
            }
            case UNION -> schema.getTypes().forEach(s -> collect(s, undocumented));
            case ARRAY -> collect(schema.getElementType(), undocumented);
            case MAP -> collect(schema.getValueType(), undocumented);
            case ENUM -> {
                if (schema.getDoc() == null) {
                    undocumented.add(schema.getFullName());
                }
            }
            default -> {}
        }
    }

    private static void publish(Schema schema) throws IOException {
        String name = SchemaCatalog.hex(SchemaCatalog.fingerprint(schema));
        Path file = FOLDER.resolve("published/" + name + ".avsc");
        Files.writeString(file, schema + "\n", StandardOpenOption.CREATE_NEW);
        Files.writeString(
                FOLDER.resolve("published/index.txt"),
                name + " " + schema.getFullName() + "\n",
                StandardOpenOption.APPEND);
    }

    private static List<String> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".avsc"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> listed(String kind) throws IOException {
        return lines("index.txt")
                .filter(l -> l.startsWith(kind))
                .map(l -> l.substring(l.lastIndexOf('/') + 1))
                .sorted()
                .toList();
    }

    private static Stream<String> lines(String file) throws IOException {
        return Files.readAllLines(FOLDER.resolve(file)).stream()
                .filter(l -> !l.isBlank() && !l.startsWith("#"));
    }
}
