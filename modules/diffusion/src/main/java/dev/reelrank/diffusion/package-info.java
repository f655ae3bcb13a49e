/**
 * What generators of videos by diffusion share: precision, sizes, configuration files, and in the
 * packages below schedulers, LoRAs, texts, causal autoencoders and offloading.
 *
 * <p>Depends on {@code torch} and {@code pipeline}; knows no Kafka, no worker and no single family
 * of generators.
 */
@NullMarked
package dev.reelrank.diffusion;

import org.jspecify.annotations.NullMarked;
