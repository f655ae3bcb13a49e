package dev.reelrank.diffusion.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * CLIP's tokenizer (byte-level BPE on lower-case words), from {@code tokenizer.json} or from the
 * files {@code vocab.json} and {@code merges.txt} that Stable Diffusion 1.5 is published with.
 */
public final class ClipTokenizer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BEGIN = "<|startoftext|>";
    private static final String END = "<|endoftext|>";
    private static final String WORDS =
            "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

    private final HuggingFaceTokenizer tokenizer;
    private final long padding;

    private ClipTokenizer(HuggingFaceTokenizer tokenizer, long padding) {
        this.tokenizer = tokenizer;
        this.padding = padding;
    }

    /**
     * A prompt's ids.
     *
     * @param ids of exactly the asked length: begin, words, end, padding
     * @param tokens of the prompt with its begin and end, before anything was cut
     * @param cut tokens that were left out at the prompt's end
     */
    public record Encoded(long[] ids, int tokens, int cut) {}

    /**
     * Opens the tokenizer of a folder.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static ClipTokenizer open(Path folder) {
        DjlSettings.apply();
        Path whole = folder.resolve("tokenizer.json");
        var options = Map.of("padding", "false", "truncation", "false");
        try {
            var tokenizer =
                    Files.isRegularFile(whole)
                            ? HuggingFaceTokenizer.newInstance(present(whole), options)
                            : HuggingFaceTokenizer.newInstance(
                                    new ByteArrayInputStream(composed(folder)), options);
            return new ClipTokenizer(tokenizer, padding(folder, tokenizer));
        } catch (IOException | RuntimeException e) {
            if (e instanceof StageException known) {
                throw known;
            }
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, folder + " holds no readable tokenizer", e);
        }
    }

    private static Path present(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no file "
                            + file
                            + ", and no tokenizer.json beside it: the model is incomplete");
        }
        GitLfsPointer.refuse(file);
        return file;
    }

    /** What tokenizer.json would say of these two files. */
    private static byte[] composed(Path folder) throws IOException {
        JsonNode vocabulary = JSON.readTree(present(folder.resolve("vocab.json")).toFile());
        List<String> lines =
                Files.readAllLines(present(folder.resolve("merges.txt")), StandardCharsets.UTF_8);
        if (!vocabulary.has(BEGIN) || !vocabulary.has(END)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s lacks %s or %s: it is no vocabulary of CLIP"
                            .formatted(folder.resolve("vocab.json"), BEGIN, END));
        }
        ObjectNode root = JSON.createObjectNode();
        var added = root.putArray("added_tokens");
        for (String token : List.of(BEGIN, END)) {
            added.addObject()
                    .put("id", vocabulary.path(token).asLong())
                    .put("content", token)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        var normalizers = root.putObject("normalizer").put("type", "Sequence");
        var steps = normalizers.putArray("normalizers");
        steps.addObject().put("type", "NFC");
        steps.addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("Regex", "\\s+");
        steps.addObject().put("type", "Lowercase");
        var splits = root.putObject("pre_tokenizer").put("type", "Sequence");
        var parts = splits.putArray("pretokenizers");
        parts.addObject()
                .put("type", "Split")
                .put("behavior", "Removed")
                .put("invert", true)
                .putObject("pattern")
                .put("Regex", WORDS);
        parts.addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        var ends =
                root.putObject("post_processor")
                        .put("type", "RobertaProcessing")
                        .put("trim_offsets", false)
                        .put("add_prefix_space", false);
        ends.putArray("sep").add(END).add(vocabulary.path(END).asLong());
        ends.putArray("cls").add(BEGIN).add(vocabulary.path(BEGIN).asLong());
        var model =
                root.putObject("model")
                        .put("type", "BPE")
                        .put("unk_token", END)
                        .put("continuing_subword_prefix", "")
                        .put("end_of_word_suffix", "</w>");
        model.set("vocab", vocabulary);
        var merges = model.putArray("merges");
        for (String line : lines) {
            if (!line.isBlank() && !line.startsWith("#version")) {
                merges.add(line);
            }
        }
        return JSON.writeValueAsBytes(root);
    }

    /** The id that the folder's settings name; else the end's, as in CLIP itself. */
    private static long padding(Path folder, HuggingFaceTokenizer tokenizer) throws IOException {
        String token = END;
        Path settings = folder.resolve("tokenizer_config.json");
        if (Files.isRegularFile(settings)) {
            try {
                JsonNode said = JSON.readTree(settings.toFile()).path("pad_token");
                JsonNode content = said.isObject() ? said.path("content") : said;
                token = content.isTextual() ? content.asText() : token;
            } catch (JsonProcessingException e) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, settings + " is not readable JSON", e);
            }
        }
        long[] ids = tokenizer.encode(token, false, false).getIds();
        if (ids.length != 1) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s names the padding '%s', which is no single token"
                            .formatted(settings, token));
        }
        return ids[0];
    }

    /**
     * Encodes a prompt. One that is too long loses its end, but keeps the closing token.
     *
     * @param length ids that the model sees, at least 2
     */
    public Encoded encode(String prompt, int length) {
        long[] found = tokenizer.encode(prompt, true, false).getIds();
        long[] ids = Arrays.copyOf(found, length);
        if (found.length > length) {
            ids[length - 1] = found[found.length - 1];
        } else {
            Arrays.fill(ids, found.length, length, padding);
        }
        return new Encoded(ids, found.length, Math.max(0, found.length - length));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
