/**
 * Prompt modes and their rules: what the vision-language model is asked, how its answer is checked,
 * repaired or replaced.
 *
 * <p>Everything but {@link dev.reelrank.qwen.prompts.PromptWriter} is a pure function of strings.
 * The writer asks any {@link dev.reelrank.qwen.TextGenerator}: the model in this process or a
 * remote endpoint. Knows no Kafka and no tensor.
 */
@NullMarked
package dev.reelrank.qwen.prompts;

import org.jspecify.annotations.NullMarked;
