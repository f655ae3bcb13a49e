package dev.reelrank.qwen;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import java.util.Locale;

/**
 * One turn of a conversation.
 *
 * @param images stand before the text; only a user's turn has any
 * @param text without special tokens ({@link dev.reelrank.qwen.prompts.PromptText#normalise})
 */
public record Turn(Role role, List<RgbImage> images, String text) {
    /** Who speaks. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT;

        /** As in the chat layout: lower case. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Turn {
        images = List.copyOf(images);
        if (!images.isEmpty() && role != Role.USER) {
            throw new IllegalArgumentException("only a user's turn may have images, not " + role);
        }
    }

    public static Turn system(String text) {
        return new Turn(Role.SYSTEM, List.of(), text);
    }

    public static Turn user(List<RgbImage> images, String text) {
        return new Turn(Role.USER, images, text);
    }

    public static Turn assistant(String text) {
        return new Turn(Role.ASSISTANT, List.of(), text);
    }
}
