/**
 * LoRAs: reads files of every common format, merges them into weights, or keeps them separate from
 * the weights, so that they can be switched.
 */
@NullMarked
package dev.reelrank.diffusion.lora;

import org.jspecify.annotations.NullMarked;
