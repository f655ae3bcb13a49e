package dev.reelrank.qwen;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The question that VideoReward was trained on. It is others' text, so it is not part of this
 * product: it lies beside the checkpoint, and must be theirs byte for byte.
 */
final class RewardTemplate {
    /** The file beside the checkpoint. */
    static final String FILE = "prompt_template.txt";

    /** Where the prompt goes. */
    static final String PLACE = "{text_prompt}";

    /** SHA-256 of VideoAlign's template {@code detailed_special} with the prompt PROMPT. */
    static final String PUBLISHED =
            "f5115bcec89d22a39f9f4ba48532cd0e8eeec40d8d25e235c9ed49e1f2179d04";

    private static final String PROBE = "PROMPT";

    private final String text;

    private RewardTemplate(String text) {
        this.text = text;
    }

    /**
     * Reads and checks it.
     *
     * @param sha256 of the template filled with the prompt PROMPT
     * @throws StageException MODEL_MISSING if it is not there, MODEL_MISMATCH if it is another one
     */
    static RewardTemplate read(Path folder, String sha256) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "there is no %s: save VideoAlign's template 'detailed_special' there, with %s where the prompt goes (docs/evaluation.md)"
                            .formatted(file, PLACE));
        }
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            String found = Sha256.of(text.replace(PLACE, PROBE));
            if (!text.contains(PLACE) || !found.equals(sha256)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s is not the template that the model was trained on: filled with the prompt PROMPT it has the SHA-256 %s, not %s. It begins and ends with a line break, and has %s where the prompt goes"
                                .formatted(file, found, sha256, PLACE));
            }
            return new RewardTemplate(text);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The question about a prompt; it goes in as it is. */
    String fill(String prompt) {
        return text.replace(PLACE, prompt);
    }
}
