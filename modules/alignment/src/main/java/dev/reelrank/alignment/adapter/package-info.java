/**
 * Adapters as files, in the two formats that others read: diffusers' {@code
 * pytorch_lora_weights.safetensors} and PEFT's folder of {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 *
 * <p>Knows libtorch and no training: what it writes and reads is a {@link
 * dev.reelrank.alignment.adapter.NetworkAdapter}.
 */
@NullMarked
package dev.reelrank.alignment.adapter;

import org.jspecify.annotations.NullMarked;
