/**
 * Prompt modes and their rules: what the vision-language model is asked, and how its answer is
 * checked, repaired or replaced.
 *
 * <p>Everything except {@link dev.reelrank.qwen.prompts.PromptWriter} is a pure function of
 * strings. The writer asks any {@link dev.reelrank.qwen.TextGenerator}: the model in this process
 * or a remote endpoint. Independent of Kafka and tensors.
 */
@NullMarked
package dev.reelrank.qwen.prompts;

import org.jspecify.annotations.NullMarked;
