/**
 * What video diffusion generators share: precision, sizes, configuration files and, in subpackages,
 * schedulers, LoRAs, texts, causal autoencoders, offloading and training.
 *
 * <p>Depends on {@code torch}, {@code djl} and {@code pipeline}, but not on Kafka, a worker or a
 * particular family of generators.
 */
@NullMarked
package dev.reelrank.diffusion;

import org.jspecify.annotations.NullMarked;
