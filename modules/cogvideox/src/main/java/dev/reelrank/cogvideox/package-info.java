/**
 * CogVideoX and CogVideoX-1.5 video generation, from text and from an image: transformer, causal
 * VAE, LoRAs, training and the pipeline that joins them, read from a folder in the layout of
 * diffusers.
 *
 * <p>Start at {@link dev.reelrank.cogvideox.CogFamily}; {@link dev.reelrank.cogvideox.CogPipeline}
 * generates. Inputs and outputs are texts, images and numbers; tensors stay inside, except in
 * training. Latents have the shape (1, latent frames, channels, height, width), as in diffusers'
 * CogVideoX; frames come before channels. Depends on {@code torch}, {@code diffusion} and {@code
 * pipeline}, but not on Kafka, a worker or another family.
 */
@NullMarked
package dev.reelrank.cogvideox;

import org.jspecify.annotations.NullMarked;
