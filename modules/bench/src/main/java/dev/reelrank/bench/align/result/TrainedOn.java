package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The adapter's own record of its pairs, beside its files: what a comparison says about them when
 * they are no longer there.
 *
 * @param facts for the figures of a result, {@code pairs} among them; and {@code wanted}, how many
 *     were asked for
 */
record TrainedOn(ObjectNode facts) {
    private static final String FILE = "pairs.json";
    private static final String WANTED = "wanted";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param wanted how many pairs were asked for
     * @param said of the pairs in the figures of a result
     */
    static TrainedOn of(int wanted, ObjectNode said) {
        return new TrainedOn(said.deepCopy().put(WANTED, wanted));
    }

    /** Null where an adapter has no record. */
    static @Nullable TrainedOn read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.isRegularFile(file)
                    ? new TrainedOn(JSON.readValue(file.toFile(), ObjectNode.class))
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        JSON.writeValue(folder.resolve(FILE).toFile(), facts);
    }

    int wanted() {
        return facts.path(WANTED).asInt();
    }

    int pairs() {
        return facts.path("pairs").asInt();
    }

    /** Into the figures of a result. */
    void put(ObjectNode json) {
        ObjectNode said = facts.deepCopy();
        said.remove(WANTED);
        json.setAll(said);
    }
}
