package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import java.util.Objects;

/**
 * One side of a preference pair.
 *
 * @param form what the blob holds
 * @param blob in the result store
 */
public record PairVideo(Form form, BlobRef blob) {
    /** What a side is stored as. */
    public enum Form {
        /** An encoded video; the trainer encodes it with the generator's VAE once. */
        VIDEO,
        /**
         * A safetensors file with one tensor {@code latents}, shape (channels, frames, height,
         * width), already normalised as the generator family wants it.
         */
        LATENTS
    }

    public PairVideo {
        Objects.requireNonNull(form, "form is null");
        Objects.requireNonNull(blob, "blob is null");
    }

    /** An encoded video. */
    public static PairVideo video(BlobRef blob) {
        return new PairVideo(Form.VIDEO, blob);
    }

    /** Latents that were encoded before. */
    public static PairVideo latents(BlobRef blob) {
        return new PairVideo(Form.LATENTS, blob);
    }
}
