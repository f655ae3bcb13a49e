package dev.reelrank.evaluation.look;

import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A video to evaluate.
 *
 * @param prompt the original one; may be empty, then what rests on it is not measured
 * @param subject the user's phrase, null to find it in the prompt
 * @param reference the image that the video was made from
 * @param video the file
 */
public record Clip(String prompt, @Nullable String subject, RgbImage reference, Path video) {}
