package dev.reelrank.diffusion;

import java.nio.file.Path;

/**
 * A family of video generators: models that share an architecture and a layout of their files.
 *
 * <p>The way from a family to a video has three steps, each with an interface of its own:
 *
 * <pre>{@code
 * GeneratorModel model = family.open(folder);               // configurations are read
 * try (Generator generator = model.load(settings, device);  // weights are read
 *         Conditioning sample = generator.condition(wanted, prompt, image)) {
 *     for (long seed : seeds) {
 *         generator.generate(sample, seed, null, listener, frames);
 *     }
 * }
 * }</pre>
 *
 * <p>A family knows no Kafka, no worker and no other family. Workers know families through their
 * registry only.
 */
public interface GeneratorFamily {
    /** A short name in lower case, for example {@code wan}; part of fingerprints. */
    String id();

    /** What it makes videos from and which models belong to it, one line for messages. */
    String description();

    /**
     * Whether a folder holds a model of this family. Looks at file names and at {@code
     * model_index.json} only, and does not fail on a folder that it cannot read.
     */
    boolean recognises(Path folder);

    /**
     * Reads a folder's configurations and checks that they fit each other. Weights are not read.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    GeneratorModel open(Path folder);
}
