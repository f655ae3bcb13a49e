package dev.reelrank.client.dataset;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One sample of a dataset.
 *
 * @param image the reference image; not yet opened
 * @param prompt as the user wrote it
 * @param subject the subject phrase, null where there is no file for it
 */
public record Sample(String id, Path image, String prompt, @Nullable String subject) {}
