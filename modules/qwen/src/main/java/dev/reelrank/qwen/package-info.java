/**
 * Qwen3-VL: tokenizer, chat layout, image preprocessing, vision tower, decoder and generation.
 *
 * <p>Depends on {@code torch} and {@code pipeline}; may be used by the workers, the command and the
 * benchmarks. Callers see images, texts and probabilities, never tensors. Does not depend on Kafka.
 */
@NullMarked
package dev.reelrank.qwen;

import org.jspecify.annotations.NullMarked;
