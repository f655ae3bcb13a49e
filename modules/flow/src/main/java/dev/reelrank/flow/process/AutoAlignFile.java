package dev.reelrank.flow.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The trainings that a farm starts by itself, as a JSON list, each with the keys of {@link
 * AutoAlign}. A file of an earlier build holds one, without a list around it.
 */
public final class AutoAlignFile {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    private AutoAlignFile() {}

    /**
     * Reads when flow trains adapters by itself.
     *
     * @throws StageException INVALID_CONFIG that names the file and what is wrong with it
     */
    public static AutoAligns read(Path file) {
        try {
            return new AutoAligns(
                    JSON.readValue(
                            Files.readString(file), new TypeReference<List<AutoAlign>>() {}));
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw invalid(file, cause.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw invalid(file, e.getOriginalMessage(), e);
        } catch (StageException e) {
            throw invalid(file, e.getMessage(), e);
        } catch (IOException e) {
            throw invalid(file, "it cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The same; without the file a farm trains nothing by itself, and the file goes with the last
     * training.
     */
    public static AutoAligns readOrNone(Path file) {
        return Files.isRegularFile(file) ? read(file) : AutoAligns.NONE;
    }

    /** Writes the file; a reader sees the old one or the new one. */
    public static void write(Path file, AutoAligns all) {
        try {
            if (all.each().isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            WholeFile.write(
                    file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all.each()));
        } catch (IOException e) {
            throw invalid(file, "it cannot be written: " + e.getMessage(), e);
        }
    }

    private static StageException invalid(
            Path file, @org.jspecify.annotations.Nullable String what, Throwable cause) {
        return new StageException(FailureCode.INVALID_CONFIG, file + ": " + what, cause);
    }
}
