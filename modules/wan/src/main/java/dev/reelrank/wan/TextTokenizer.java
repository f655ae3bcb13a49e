package dev.reelrank.wan;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The UMT5 tokenizer: a prompt's ids, ended by the end-of-sequence id, without padding. */
final class TextTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;

    private TextTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Opens {@code tokenizer.json} of this folder. */
    static TextTokenizer open(Path folder) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no file " + file + ": the snapshot is incomplete");
        }
        try {
            return new TextTokenizer(
                    HuggingFaceTokenizer.newInstance(
                            file, Map.of("padding", "false", "truncation", "false")));
        } catch (IOException | RuntimeException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " is no readable tokenizer", e);
        }
    }

    /**
     * @param limit most ids, at least 1; a longer prompt loses its end but keeps its last id, the
     *     end-of-sequence id
     */
    long[] encode(String prompt, int limit) {
        long[] ids = tokenizer.encode(prompt, true, false).getIds();
        if (ids.length <= limit) {
            return ids;
        }
        long[] cut = Arrays.copyOf(ids, limit);
        cut[limit - 1] = ids[ids.length - 1];
        return cut;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
