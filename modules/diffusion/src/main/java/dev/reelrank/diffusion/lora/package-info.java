/**
 * LoRAs: reading files of every common form, merging them into weights, or keeping them beside the
 * weights to be switched.
 */
@NullMarked
package dev.reelrank.diffusion.lora;

import org.jspecify.annotations.NullMarked;
