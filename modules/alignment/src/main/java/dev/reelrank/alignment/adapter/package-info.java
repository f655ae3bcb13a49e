/**
 * Adapters as files, in the two formats that other programs read: diffusers' {@code
 * pytorch_lora_weights.safetensors} and PEFT's folder of {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 *
 * <p>Depends on libtorch but on no training code: it writes and reads a {@link
 * dev.reelrank.alignment.adapter.NetworkAdapter}.
 */
@NullMarked
package dev.reelrank.alignment.adapter;

import org.jspecify.annotations.NullMarked;
