package dev.reelrank.perception;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;

/** Phrases to token ids, with {@code tokenizer.json} of the model's folder. */
final class PhraseTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;
    private final Manifest.TextSettings settings;

    private PhraseTokenizer(HuggingFaceTokenizer tokenizer, Manifest.TextSettings settings) {
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    static PhraseTokenizer open(OnnxFolder folder) {
        var file = folder.path().resolve("tokenizer.json");
        DjlSettings.apply();
        try {
            return new PhraseTokenizer(
                    HuggingFaceTokenizer.newInstance(
                            file, Map.of("padding", "false", "truncation", "false")),
                    folder.text());
        } catch (IOException | RuntimeException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " is not a tokenizer: " + e.getMessage(), e);
        }
    }

    /**
     * Padded to the model's length; a longer phrase loses its end but keeps the closing token,
     * which is where CLIP reads the whole text.
     *
     * @param ids maxLength values
     * @param attention 1 for a token, 0 for padding
     */
    record TokenIds(long[] ids, long[] attention) {
        /** Two arrays of shape (1, maxLength), input_ids and attention_mask. */
        NDList arrays(NDManager manager) {
            var shape = new Shape(1, ids.length);
            var tokens = manager.create(LongBuffer.wrap(ids), shape, DataType.INT64);
            tokens.setName("input_ids");
            return new NDList(tokens, mask(manager));
        }

        ai.djl.ndarray.NDArray mask(NDManager manager) {
            var mask =
                    manager.create(
                            LongBuffer.wrap(attention),
                            new Shape(1, attention.length),
                            DataType.INT64);
            mask.setName("attention_mask");
            return mask;
        }
    }

    TokenIds encode(String phrase) {
        var found = tokenizer.encode(phrase).getIds();
        int length = Math.min(found.length, settings.maxLength());
        var ids = Arrays.copyOf(found, settings.maxLength());
        var attention = new long[settings.maxLength()];
        Arrays.fill(ids, length, ids.length, settings.padId());
        Arrays.fill(attention, 0, length, 1);
        if (found.length > length) {
            // The tokenizer's own: folders exported before say 2 where OpenAI's config does.
            ids[length - 1] = found[found.length - 1];
        }
        return new TokenIds(ids, attention);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
