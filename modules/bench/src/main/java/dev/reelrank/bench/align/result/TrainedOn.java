package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param wanted how many were asked for
 * @param pairs how many there were
 * @param scenesWithAPair null where each pair has a scene of its own
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TrainedOn(int wanted, int pairs, @Nullable Integer scenesWithAPair) {
    private static final String FILE = "pairs.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Null where an adapter has no record. */
    static @Nullable TrainedOn read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.isRegularFile(file)
                    ? JSON.readValue(file.toFile(), TrainedOn.class)
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        JSON.writeValue(folder.resolve(FILE).toFile(), this);
    }

    /** Into the figures of a result. */
    void put(ObjectNode json) {
        if (scenesWithAPair != null) {
            json.put("scenesWithAPair", scenesWithAPair);
        }
        json.put("pairs", pairs);
    }
}
