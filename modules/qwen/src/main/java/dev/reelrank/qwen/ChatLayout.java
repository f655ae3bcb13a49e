package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * How a conversation is written for the model (docs/prompts.md has it byte for byte). It is the
 * form of the published chat template without its parts for tools and videos.
 */
final class ChatLayout {
    static final String START = "<|im_start|>";
    static final String END = "<|im_end|>";
    static final String IMAGE = "<|image_pad|>";
    private static final String VISION_START = "<|vision_start|>";
    private static final String VISION_END = "<|vision_end|>";

    /** Tokens that a vocabulary must have. */
    static final List<String> TOKENS = List.of(START, END, VISION_START, VISION_END, IMAGE);

    private ChatLayout() {}

    /**
     * The text of a conversation, open for the assistant's answer.
     *
     * @param imageTokens how many tokens each image has, in order
     */
    static String text(List<Turn> turns, List<Integer> imageTokens) {
        var text = new StringBuilder();
        var counts = imageTokens.iterator();
        for (var turn : turns) {
            open(text, turn, counts);
            text.append(turn.text()).append(END).append('\n');
        }
        return text.append(START).append(Turn.Role.ASSISTANT.label()).append('\n').toString();
    }

    /** The text up to the end of the images of a user's turn: what questions about them share. */
    static String sharedText(List<Turn> before, Turn user, List<Integer> imageTokens) {
        var text = new StringBuilder();
        for (var turn : before) {
            open(text, turn, imageTokens.iterator());
            text.append(turn.text()).append(END).append('\n');
        }
        open(text, user, imageTokens.iterator());
        return text.toString();
    }

    /** What follows the shared text for one question. */
    static String questionText(String question) {
        return question + END + "\n" + START + Turn.Role.ASSISTANT.label() + "\n";
    }

    private static void open(StringBuilder text, Turn turn, Iterator<Integer> counts) {
        text.append(START).append(turn.role().label()).append('\n');
        for (var i = 0; i < turn.images().size(); i++) {
            text.append(VISION_START).append(IMAGE.repeat(counts.next())).append(VISION_END);
        }
    }

    /**
     * Fails when the model's chat template is of another form.
     *
     * @throws StageException MODEL_MISMATCH naming the file
     */
    static void requireSameTemplate(Path folder) {
        for (var name :
                List.of("chat_template.jinja", "chat_template.json", "tokenizer_config.json")) {
            var file = folder.resolve(name);
            if (!Files.isRegularFile(file)) {
                continue;
            }
            var template = template(file);
            if (!template.isEmpty()
                    && !(template.contains(START)
                            && template.contains(VISION_START + IMAGE + VISION_END))) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        file + " has a chat template that differs from Qwen3-VL's");
            }
        }
    }

    private static String template(Path file) {
        try {
            return file.toString().endsWith(".jinja")
                    ? Files.readString(file)
                    : new ObjectMapper().readTree(file.toFile()).path("chat_template").asText("");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
