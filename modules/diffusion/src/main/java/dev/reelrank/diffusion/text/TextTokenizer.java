package dev.reelrank.diffusion.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A prompt's ids, ended by the end-of-sequence id, without padding. */
public interface TextTokenizer extends AutoCloseable {
    /** The file of T5's tokenizers, where there is no {@code tokenizer.json}. */
    String PIECES = "spiece.model";

    /** All ids of a prompt, the last one the end-of-sequence id. */
    long[] encode(String prompt);

    @Override
    default void close() {}

    /** Opens {@code tokenizer.json} of this folder, or T5's {@code spiece.model}. */
    static TextTokenizer open(Path folder) {
        Path file = file(folder);
        GitLfsPointer.refuse(file);
        DjlSettings.apply();
        var options = Map.of("padding", "false", "truncation", "false");
        try {
            if (file.endsWith(PIECES)) {
                String json = SentencePieceModel.read(file).toTokenizerJson();
                return new FromFile(
                        HuggingFaceTokenizer.newInstance(
                                new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                                options));
            }
            return new FromFile(HuggingFaceTokenizer.newInstance(file, options));
        } catch (StageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " is not a readable tokenizer", e);
        }
    }

    /**
     * The file of a folder that {@link #open} reads.
     *
     * @throws StageException MODEL_MISSING if there is none
     */
    static Path file(Path folder) {
        for (String name : List.of("tokenizer.json", PIECES)) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        throw new StageException(
                FailureCode.MODEL_MISSING,
                "no file %s or %s in it: the snapshot is incomplete"
                        .formatted(folder.resolve("tokenizer.json"), PIECES));
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
