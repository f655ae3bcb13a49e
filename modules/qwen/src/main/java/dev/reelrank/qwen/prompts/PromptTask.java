package dev.reelrank.qwen.prompts;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.PromptConfig;

/**
 * A prompt to be written.
 *
 * @param original as the user wrote it
 * @param image what the video begins with
 */
public record PromptTask(String original, RgbImage image, PromptConfig config) {}
