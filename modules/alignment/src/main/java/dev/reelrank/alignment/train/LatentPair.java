package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A preference pair as a network sees it: encoded once, used in many steps. In a file: the tensors
 * {@code winner}, {@code loser}, {@code text} and, for image-to-video, {@code image}.
 *
 * @param winner latents of the preferred video as the network denoises them, shape (1, channels,
 *     latent frames, height, width), float32
 * @param loser of the rejected video, shape as winner
 * @param condition what both sides share
 * @param noise seed of the noise that the loser was generated from; null where that is not known
 */
public record LatentPair(
        Tensor winner, Tensor loser, TrainingCondition condition, @Nullable Long noise) {
    private static final String PADDING = "text_padding";
    private static final String NOISE = "noise_seed";

    /** One whose loser's noise is not known. */
    public LatentPair(Tensor winner, Tensor loser, TrainingCondition condition) {
        this(winner, loser, condition, null);
    }

    /**
     * Checks what a training relies on.
     *
     * @param name for messages
     * @throws StageException INVALID_SAMPLE when the sides have different shapes, hold numbers that
     *     are not finite, or are equal
     */
    public LatentPair checked(String name) {
        if (!Arrays.equals(winner.shape(), loser.shape())) {
            throw invalid(
                    name,
                    "its winner has the shape %s and its loser %s: both must be of one size"
                            .formatted(
                                    Arrays.toString(winner.shape()),
                                    Arrays.toString(loser.shape())));
        }
        requireFinite(name, "winner", winner);
        requireFinite(name, "loser", loser);
        requireFinite(name, "text", condition.text().rows());
        if (condition.image() != null) {
            requireFinite(name, "image", condition.image());
        }
        if (winner.equal(loser)) {
            throw invalid(name, "its winner and its loser are equal: it teaches nothing");
        }
        return this;
    }

    private static void requireFinite(String name, String part, Tensor values) {
        if (!values.isfinite().all().item_bool()) {
            throw invalid(name, "its " + part + " holds numbers that are not finite");
        }
    }

    private static StageException invalid(String name, String problem) {
        return new StageException(
                FailureCode.INVALID_SAMPLE,
                "the pair " + name + " cannot be trained on: " + problem);
    }

    /** Writes the pair to a file. */
    public void write(Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("winner", winner);
        tensors.put("loser", loser);
        tensors.put("text", condition.text().rows());
        if (condition.image() != null) {
            tensors.put("image", condition.image());
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(PADDING, String.valueOf(condition.text().padding()));
        if (noise != null) {
            facts.put(NOISE, noise.toString());
        }
        SafetensorsWriter.write(file, tensors, facts);
    }

    /**
     * Reads a pair; its tensors belong to the open scope.
     *
     * @throws StageException MODEL_MISMATCH when the file is damaged or lacks a tensor
     */
    public static LatentPair read(Path file) {
        try (var stored = SafetensorsFile.open(file)) {
            String padding = stored.metadata().get(PADDING);
            if (padding == null || !padding.matches("\\d{1,9}")) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, file + " is no pair of latents: no " + PADDING);
            }
            return new LatentPair(
                    floats(stored, "winner"),
                    floats(stored, "loser"),
                    new TrainingCondition(
                            new TextContext(stored.tensor("text").clone(), Long.parseLong(padding)),
                            image(stored)),
                    noise(file, stored));
        }
    }

    private static @Nullable Long noise(Path file, SafetensorsFile stored) {
        String seed = stored.metadata().get(NOISE);
        try {
            return seed == null ? null : Long.valueOf(seed);
        } catch (NumberFormatException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " names no seed of noise: " + seed, e);
        }
    }

    private static @Nullable Tensor image(SafetensorsFile stored) {
        return stored.names().contains("image") ? floats(stored, "image") : null;
    }

    private static Tensor floats(SafetensorsFile stored, String name) {
        return Ops.to(stored.tensor(name), DType.FLOAT32).clone();
    }
}
