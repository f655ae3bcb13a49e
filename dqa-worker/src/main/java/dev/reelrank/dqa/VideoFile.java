package dev.reelrank.dqa;

import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A video to grade without a store.
 *
 * @param prompt the original one; may be empty, then what rests on it is missing
 * @param subject the subject's phrase, null to find it in the prompt
 * @param reference the picture the video was made from
 * @param facts of the prompt, where they are known already: then the language phase may be left out
 */
public record VideoFile(
        String prompt,
        @Nullable String subject,
        RgbImage reference,
        Path video,
        @Nullable PromptFacts facts) {
    /** One whose prompt is still to be read. */
    public VideoFile(String prompt, @Nullable String subject, RgbImage reference, Path video) {
        this(prompt, subject, reference, video, null);
    }
}
