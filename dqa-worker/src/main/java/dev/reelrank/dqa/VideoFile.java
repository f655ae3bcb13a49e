package dev.reelrank.dqa;

import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A video to grade without a store.
 *
 * @param prompt the original one; may be empty, then what rests on it is missing
 * @param subject the subject's phrase, null to find it in the prompt
 * @param reference the picture the video was made from
 */
public record VideoFile(String prompt, @Nullable String subject, RgbImage reference, Path video) {}
