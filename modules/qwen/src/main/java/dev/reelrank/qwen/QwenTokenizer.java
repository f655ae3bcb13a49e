package dev.reelrank.qwen;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The model's own tokenizer.json, and the ids of its special tokens. */
final class QwenTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, Integer> added;
    private final int vocabulary;

    private QwenTokenizer(
            HuggingFaceTokenizer tokenizer, Map<String, Integer> added, int vocabulary) {
        this.tokenizer = tokenizer;
        this.added = added;
        this.vocabulary = vocabulary;
    }

    /**
     * Reads tokenizer.json of a model folder.
     *
     * @param vocabulary how many ids the model knows
     * @throws StageException MODEL_MISSING when it is not there, MODEL_MISMATCH when it cannot be
     *     read or lacks a token that the chat layout needs
     */
    static QwenTokenizer open(Path folder, int vocabulary) {
        var file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no tokenizer.json in " + folder + ": download the whole model into it");
        }
        GitLfsPointer.refuse(file);
        DjlSettings.apply();
        try {
            var added = new LinkedHashMap<String, Integer>();
            new ObjectMapper()
                    .readTree(file.toFile())
                    .path("added_tokens")
                    .forEach(t -> added.put(t.path("content").asText(), t.path("id").asInt()));
            for (var needed : ChatLayout.TOKENS) {
                if (!added.containsKey(needed)) {
                    throw new StageException(
                            FailureCode.MODEL_MISMATCH,
                            file + " lacks the token " + needed + " of the chat layout");
                }
            }
            ChatLayout.requireSameTemplate(folder);
            return new QwenTokenizer(
                    HuggingFaceTokenizer.builder()
                            .optTokenizerPath(folder)
                            .optAddSpecialTokens(false)
                            .optTruncation(false)
                            .optPadding(false)
                            .build(),
                    Map.copyOf(added),
                    vocabulary);
        } catch (IOException | RuntimeException e) {
            if (e instanceof StageException known) {
                throw known;
            }
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Ids of a text in which special tokens may stand.
     *
     * @throws StageException MODEL_MISMATCH for an id that the model does not know
     */
    int[] encode(String text) {
        int[] ids =
                Arrays.stream(tokenizer.encode(text, false, false).getIds())
                        .mapToInt(Math::toIntExact)
                        .toArray();
        for (int id : ids) {
            if (id >= vocabulary) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the tokenizer makes the id %d, but the model's vocab_size is %d: they are of different models"
                                .formatted(id, vocabulary));
            }
        }
        return ids;
    }

    /** The text of ids, without special tokens. */
    String decode(List<Integer> ids) {
        return tokenizer.decode(ids.stream().mapToLong(Integer::longValue).toArray(), true);
    }

    /** The id of an added token, for example {@code <|im_end|>}. */
    int id(String token) {
        return Objects.requireNonNull(added.get(token), token);
    }

    /** The id of a text that is one token, if it is. */
    Optional<Integer> single(String text) {
        var ids = encode(text);
        return ids.length == 1 ? Optional.of(ids[0]) : Optional.empty();
    }

    /**
     * Refuses a token whose id is another one in the model's configuration.
     *
     * @throws StageException MODEL_MISMATCH
     */
    void requireId(String token, int configured) {
        if (id(token) != configured) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the token %s has the id %d in tokenizer.json, but %d in config.json: they are of different models"
                            .formatted(token, id(token), configured));
        }
    }

    /** Texts of all added tokens. */
    Set<String> addedTokens() {
        return added.keySet();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
