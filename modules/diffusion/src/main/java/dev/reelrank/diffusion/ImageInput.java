package dev.reelrank.diffusion;

/** Whether a model makes videos from an image. */
public enum ImageInput {
    /** Only from an image and a text. */
    REQUIRED,
    /** From a text, with or without an image. */
    OPTIONAL,
    /** From a text alone. */
    NONE
}
