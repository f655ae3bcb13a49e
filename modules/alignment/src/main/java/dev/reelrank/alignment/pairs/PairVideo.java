package dev.reelrank.alignment.pairs;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.reelrank.pipeline.BlobRef;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One side of a preference pair.
 *
 * @param form what the blob holds
 * @param blob in the result store
 * @param seed of the noise that a generator made it from; null where that is not known. Files of
 *     pairs name it only where it is known
 */
public record PairVideo(
        Form form, BlobRef blob, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long seed) {
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
        return new PairVideo(Form.VIDEO, blob, null);
    }

    /** An encoded video that a generator made from the noise of a seed. */
    static PairVideo generated(JudgedVideo candidate) {
        return new PairVideo(Form.VIDEO, candidate.video(), candidate.seed());
    }

    /** Latents that were encoded before. */
    public static PairVideo latents(BlobRef blob) {
        return new PairVideo(Form.LATENTS, blob, null);
    }

    /** The same video, made from the noise of another seed, or of an unknown one. */
    public PairVideo withSeed(@Nullable Long other) {
        return new PairVideo(form, blob, other);
    }
}
