/**
 * Wan2.1 and Wan2.2 video generation: text encoder, VAEs, experts, LoRAs, schedulers and the
 * pipeline that joins them, read from a folder in the layout of diffusers, ComfyUI or the original
 * repository.
 *
 * <p>Start at {@link dev.reelrank.wan.WanFamily} or, for TI2V-5B, {@link
 * dev.reelrank.wan.WanTi2vFamily}; {@link dev.reelrank.wan.WanPipeline} generates. Inputs and
 * outputs are texts, images and numbers; tensors stay inside, except in training. Depends on {@code
 * torch}, {@code diffusion} and {@code pipeline}, but not on Kafka or a worker.
 */
@NullMarked
package dev.reelrank.wan;

import org.jspecify.annotations.NullMarked;
