package dev.reelrank.bench.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One folder that make.py wrote: {@code case.json} says what was computed of which model, {@code
 * tensors.safetensors} holds inputs and outputs.
 *
 * @param folder of the fixture
 * @param model the folder of the weights
 * @param description the content of case.json
 * @param tensors inputs and outputs by name
 */
record Fixture(Path folder, Path model, JsonNode description, SafetensorsFile tensors)
        implements AutoCloseable {
    private static final int FORMAT = 1;

    /**
     * @throws StageException INVALID_CONFIG for a folder of another format
     */
    static Fixture open(Path folder, Path models) {
        Path file = folder.resolve("case.json");
        try {
            var description = new ObjectMapper().readTree(file.toFile());
            if (description.path("format").asInt() != FORMAT) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s has format %s, this version reads %d: make the fixtures anew"
                                .formatted(file, description.path("format"), FORMAT));
            }
            return new Fixture(
                    folder,
                    models.resolve(description.path("model").asText()),
                    description,
                    SafetensorsFile.open(folder.resolve("tensors.safetensors")));
        } catch (IOException e) {
            throw new StageException(FailureCode.INVALID_CONFIG, "cannot read " + file, e);
        }
    }

    /** Every fixture below a folder, by name. */
    static List<Path> below(Path fixtures) {
        try (var folders = Files.list(fixtures)) {
            return folders.filter(folder -> Files.isRegularFile(folder.resolve("case.json")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + fixtures, e);
        }
    }

    String name() {
        return String.valueOf(folder.getFileName());
    }

    String kind() {
        return description.path("kind").asText();
    }

    /**
     * The original's own error in bfloat16 in a part, as make.py --rounding measured it; 0 if it
     * did not.
     */
    double rounding(String part) {
        return description.path("rounded").path(part).asDouble(0);
    }

    /** A tensor that the description names; belongs to the open scope. */
    Tensor tensor(JsonNode name) {
        return tensors.tensor(name.asText());
    }

    /** The values of a tensor that the description names. */
    float[] floats(JsonNode name) {
        try (var scope = TensorScope.open()) {
            return Ops.floats(tensor(name));
        }
    }

    /** A picture that the description names, shape (height, width, 3). */
    RgbImage picture(JsonNode name) {
        try (var scope = TensorScope.open()) {
            Tensor pixels = tensor(name);
            return new RgbImage((int) pixels.size(1), (int) pixels.size(0), Ops.bytes(pixels));
        }
    }

    @Override
    public void close() {
        tensors.close();
    }
}
