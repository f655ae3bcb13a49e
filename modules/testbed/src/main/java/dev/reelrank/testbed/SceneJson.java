package dev.reelrank.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/** Scenes as JSON and back; unknown keys are errors. */
public final class SceneJson {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();

    private SceneJson() {}

    /** The scene as one line of JSON. */
    public static String write(Scene scene) {
        try {
            return MAPPER.writeValueAsString(scene);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a scene is plain data and can be written", e);
        }
    }

    /**
     * Reads a scene.
     *
     * @throws StageException INVALID_SAMPLE when the text is no scene, naming the place
     */
    public static Scene read(String json) {
        try {
            return MAPPER.readValue(json, Scene.class);
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "not a scene of the testbed: "
                            + e.getOriginalMessage()
                            + "; docs/testbed.md shows one",
                    e);
        }
    }

    static ObjectMapper mapper() {
        return MAPPER;
    }
}
