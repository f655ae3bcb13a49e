package dev.reelrank.flow.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.flow.AutoAlign;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The trainings that a farm starts by itself, as JSON with the keys of {@link AutoAlign}. */
public final class AutoAlignFile {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    private AutoAlignFile() {}

    /**
     * Reads when flow trains adapters by itself.
     *
     * @throws StageException INVALID_CONFIG that names the file and what is wrong with it
     */
    public static AutoAlign read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), AutoAlign.class);
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw invalid(file, cause.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw invalid(file, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw invalid(file, "it cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes the file; a reader sees the old one or the new one. */
    public static void write(Path file, AutoAlign auto) {
        try {
            WholeFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(auto));
        } catch (IOException e) {
            throw invalid(file, "it cannot be written: " + e.getMessage(), e);
        }
    }

    private static StageException invalid(
            Path file, @org.jspecify.annotations.Nullable String what, Throwable cause) {
        return new StageException(FailureCode.INVALID_CONFIG, file + ": " + what, cause);
    }
}
