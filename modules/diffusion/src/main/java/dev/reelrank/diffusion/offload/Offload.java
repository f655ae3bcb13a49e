package dev.reelrank.diffusion.offload;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/** What of the model is on the GPU at a time. On the CPU everything is where it is. */
public enum Offload {
    /** All of it, for as long as it is loaded. */
    NONE,
    /** All but the text encoder, which comes for each prompt: its memory is free otherwise. */
    TEXT,
    /** What is at work: the text encoder, then one expert, then the other, then the VAE. */
    SWAP,
    /** One block of the expert at work, copied for its turn: slow, and runs on small GPUs. */
    STREAM;

    /** Whether the experts and the VAE stay on the GPU. */
    public boolean keepsExperts() {
        return this == NONE || this == TEXT;
    }

    /** Reads {@code none}, {@code text}, {@code swap} or {@code stream}. */
    public static Offload parse(String text) {
        for (var offload : values()) {
            if (offload.id().equals(text)) {
                return offload;
            }
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "unknown offload mode: '" + text + "'; use auto, none, text, swap or stream");
    }

    /** {@code none}, {@code text}, {@code swap} or {@code stream}. */
    public String id() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
