package dev.reelrank.geometry.met3r;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The numbers of heads, which no tensor tells. All other sizes are read from the tensors.
 *
 * @param encoderHeads of DUSt3R's encoder, published 16
 * @param decoderHeads of DUSt3R's decoders, published 12
 * @param dinoHeads of DINO, published 6
 */
record Dust3rConfig(int encoderHeads, int decoderHeads, int dinoHeads) {
    private static final int ENCODER = 16;
    private static final int DECODER = 12;
    private static final int DINO = 6;

    /** The published numbers. */
    static Dust3rConfig published() {
        return new Dust3rConfig(ENCODER, DECODER, DINO);
    }

    /**
     * Reads {@code config.json} as DUSt3R publishes it; without it the published numbers hold.
     *
     * @throws StageException MODEL_MISMATCH if it is not JSON
     */
    static Dust3rConfig of(Path folder) {
        Path file = folder.resolve("config.json");
        if (!Files.exists(file)) {
            return published();
        }
        try {
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            return new Dust3rConfig(
                    json.path("enc_num_heads").asInt(ENCODER),
                    json.path("dec_num_heads").asInt(DECODER),
                    json.path("dino_num_heads").asInt(DINO));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " cannot be read as JSON", e);
        }
    }

    /**
     * The shape of a tensor.
     *
     * @throws StageException MODEL_MISMATCH if it is not there
     */
    static long[] shape(TensorShapes weights, String name, String model) {
        if (!weights.has(name)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has no tensor '%s': it is not %s (docs/geometry.md)"
                            .formatted(weights.location(), name, model));
        }
        return weights.shape(name);
    }

    /** How many consecutive blocks follow a prefix. */
    static int blocks(TensorShapes weights, String prefix) {
        int count = 0;
        while (weights.has(prefix + count + ".norm1.weight")) {
            count++;
        }
        return count;
    }
}
