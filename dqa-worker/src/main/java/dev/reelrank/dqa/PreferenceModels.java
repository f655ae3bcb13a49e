package dev.reelrank.dqa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.grading.preference.PreferenceModel;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Path;

/** The preference model as a blob: a small JSON document. */
final class PreferenceModels {
    static final String MEDIA_TYPE = "application/json";

    private final ObjectMapper json;

    PreferenceModels(ObjectMapper json) {
        this.json = json;
    }

    PreferenceModel read(Path file) {
        try {
            return json.readValue(file.toFile(), PreferenceModel.class);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the preference model %s cannot be read: %s; return to an earlier version with reelrank tune --reset"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    byte[] write(PreferenceModel model) {
        try {
            return json.writeValueAsBytes(model);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of numbers has a JSON form", e);
        }
    }
}
