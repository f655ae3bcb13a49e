package dev.reelrank.diffusion.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** A prompt's ids, ended by the end-of-sequence id, without padding. */
public interface TextTokenizer extends AutoCloseable {
    /**
     * @param limit most ids, at least 1; a longer prompt loses its end but keeps its last id, the
     *     end-of-sequence id
     */
    long[] encode(String prompt, int limit);

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
                    FailureCode.MODEL_MISMATCH, file + " is no readable tokenizer", e);
        }
    }

    /** An id for each character: for random weights, which know no words. */
    static TextTokenizer ofCharacters(long vocabulary) {
        return (prompt, limit) ->
                cut(
                        IntStream.concat(prompt.chars(), IntStream.of(1))
                                .mapToLong(c -> c % vocabulary)
                                .toArray(),
                        limit);
    }

    private static long[] cut(long[] ids, int limit) {
        if (ids.length <= limit) {
            return ids;
        }
        long[] shorter = Arrays.copyOf(ids, limit);
        shorter[limit - 1] = ids[ids.length - 1];
        return shorter;
    }

    /** The tokenizer of a snapshot. */
    record FromFile(HuggingFaceTokenizer tokenizer) implements TextTokenizer {
        @Override
        public long[] encode(String prompt, int limit) {
            return cut(tokenizer.encode(prompt, true, false).getIds(), limit);
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
