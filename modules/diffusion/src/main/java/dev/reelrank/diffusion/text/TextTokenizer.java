package dev.reelrank.diffusion.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;

/** A prompt's ids, ended by the end-of-sequence id, without padding. */
public interface TextTokenizer extends AutoCloseable {
    /** All ids of a prompt, the last one the end-of-sequence id. */
    long[] encode(String prompt);

    @Override
    default void close() {}

    /** Opens {@code tokenizer.json} of this folder. */
    static TextTokenizer open(Path folder) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no file " + file + ": the snapshot is incomplete");
        }
        GitLfsPointer.refuse(file);
        DjlSettings.apply();
        try {
            return new FromFile(
                    HuggingFaceTokenizer.newInstance(
                            file, Map.of("padding", "false", "truncation", "false")));
        } catch (IOException | RuntimeException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " is not a readable tokenizer", e);
        }
    }

    /** An id for each character: for random weights, which know no words. */
    static TextTokenizer ofCharacters(long vocabulary) {
        return prompt ->
                IntStream.concat(prompt.chars(), IntStream.of(1))
                        .mapToLong(c -> c % vocabulary)
                        .toArray();
    }

    /** The tokenizer of a snapshot. */
    record FromFile(HuggingFaceTokenizer tokenizer) implements TextTokenizer {
        @Override
        public long[] encode(String prompt) {
            return tokenizer.encode(prompt, true, false).getIds();
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
