/**
 * Reads checkpoints that PyTorch wrote (a zip file with a pickle) and writes them as safetensors.
 * Nothing of a checkpoint is executed: the pickle may name what tensors consist of, and nothing
 * else.
 */
@NullMarked
package dev.reelrank.hub.checkpoint;

import org.jspecify.annotations.NullMarked;
