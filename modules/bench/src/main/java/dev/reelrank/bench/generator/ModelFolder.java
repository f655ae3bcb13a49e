package dev.reelrank.bench.generator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes a model's folder without its weights: configurations and a tokenizer of few words. */
final class ModelFolder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEXT = "text_encoder/config.json";

    private ModelFolder() {}

    /**
     * Writes the folder.
     *
     * @param id of the resource that has the published configurations
     * @param tiny whether with the small sizes of the same resource
     */
    static void write(Path folder, String id, boolean tiny) {
        try (var stream = ModelFolder.class.getResourceAsStream(id + ".json")) {
            if (stream == null) {
                throw new IllegalArgumentException("no configurations of " + id);
            }
            JsonNode all = JSON.readTree(stream);
            for (var entry : all.path("published").properties()) {
                var file = (ObjectNode) entry.getValue();
                if (tiny && all.path("tiny").path(entry.getKey()) instanceof ObjectNode small) {
                    file.setAll(small);
                }
                write(folder.resolve(entry.getKey()), file);
            }
            JsonNode text = all.path("published").path(TEXT);
            long vocabulary = text.path("vocab_size").asLong();
            if (text.has("hidden_act")) {
                clip(folder.resolve("tokenizer"), vocabulary);
            } else {
                words(folder.resolve("tokenizer"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the model folder " + folder, e);
        }
    }

    private static void write(Path file, JsonNode content) throws IOException {
        Files.createDirectories(file.getParent());
        JSON.writeValue(file.toFile(), content);
    }

    /** Every word is unknown, and a prompt ends as T5's do. */
    private static void words(Path folder) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("pre_tokenizer").put("type", "Whitespace");
        var ends = root.putObject("post_processor").put("type", "TemplateProcessing");
        var single = ends.putArray("single");
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        single.addObject().putObject("SpecialToken").put("id", "</s>").put("type_id", 0);
        ends.putArray("pair");
        var end = ends.putObject("special_tokens").putObject("</s>").put("id", "</s>");
        end.putArray("ids").add(1);
        end.putArray("tokens").add("</s>");
        var model = root.putObject("model").put("type", "WordLevel").put("unk_token", "<unk>");
        model.putObject("vocab").put("<pad>", 0).put("</s>", 1).put("<unk>", 2);
        write(folder.resolve("tokenizer.json"), root);
    }

    /** The two ends of a prompt, and a letter for everything between. */
    private static void clip(Path folder, long vocabulary) throws IOException {
        write(
                folder.resolve("vocab.json"),
                JSON.valueToTree(
                        Map.of(
                                "<|startoftext|>",
                                vocabulary - 2,
                                "<|endoftext|>",
                                vocabulary - 1,
                                "a</w>",
                                0)));
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");
    }
}
