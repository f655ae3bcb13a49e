/**
 * The generator family AnimateDiff on Stable Diffusion 1.5: CLIP text encoder, UNet with motion
 * modules, autoencoder of pictures, from text to a short video.
 *
 * <p>Depends on {@code diffusion} (the contract and what families share), {@code torch} and {@code
 * pipeline}. No other family and no worker.
 */
@NullMarked
package dev.reelrank.animatediff;

import org.jspecify.annotations.NullMarked;
