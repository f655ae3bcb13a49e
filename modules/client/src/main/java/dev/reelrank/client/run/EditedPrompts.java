package dev.reelrank.client.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.PromptLength;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prompts that a person edited: {@code <sample_id>.prompt.txt} in a folder, with the {@code
 * .prompt.json} of the export beside it. A text whose hash is still the exported one was not
 * edited; one without a {@code .json} is the person's own.
 */
public final class EditedPrompts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final @Nullable Path folder;

    /**
     * @param folder null for none
     */
    public EditedPrompts(@Nullable Path folder) {
        if (folder != null && !Files.isDirectory(folder)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--prompts " + folder + " is not a folder");
        }
        this.folder = folder;
    }

    /** The edited prompt of a sample; empty if there is none or it is unchanged. */
    public Optional<String> of(String sampleId) {
        if (folder == null) {
            return Optional.empty();
        }
        Path text = folder.resolve(sampleId + ".prompt.txt");
        Path about = folder.resolve(sampleId + ".prompt.json");
        try {
            if (!Files.isRegularFile(text)) {
                return Optional.empty();
            }
            String prompt = Files.readString(text).strip();
            if (prompt.isEmpty()) {
                throw new StageException(
                        FailureCode.EMPTY_PROMPT,
                        text
                                + " is empty: write a prompt into it, or delete it so that the model writes one");
            }
            PromptLength.require(prompt, text.toString());
            if (Files.isRegularFile(about)
                    && Sha256.of(prompt)
                            .equals(JSON.readTree(about.toFile()).path("sha256").asText())) {
                return Optional.empty();
            }
            return Optional.of(prompt);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "cannot read the edited prompt " + text + ": " + e.getMessage(),
                    e);
        }
    }
}
