/**
 * Wan2.2 video generation: text encoder, VAE, both experts, LoRAs, schedulers and the pipeline that
 * joins them, read from a Hugging Face snapshot in the diffusers layout.
 *
 * <p>Start at {@link dev.reelrank.wan.WanPipeline}. What goes in and comes out are texts, images
 * and numbers; tensors stay inside. Depends on {@code torch} and {@code pipeline}; knows no Kafka
 * and no worker.
 */
@NullMarked
package dev.reelrank.wan;

import org.jspecify.annotations.NullMarked;
