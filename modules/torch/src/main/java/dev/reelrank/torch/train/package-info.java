/**
 * Training: LoRA layers on frozen weights, recomputation block by block, AdamW, learning rates.
 *
 * <p>Depends on no model and no loss. A model puts {@link dev.reelrank.torch.train.LoraLayers}
 * beside its linear layers and offers its forward pass as {@link dev.reelrank.torch.train.Block}s.
 * {@link dev.reelrank.torch.train.BlockPass} runs them and propagates a gradient back, and keeps
 * only the input of each block. {@link dev.reelrank.torch.train.AdamW} changes the LoRA weights.
 *
 * <p>All randomness depends on seeds that callers pass, so a training needs no random state: the
 * seed and the number of steps done determine the next step. On the CPU, equal inputs give equal
 * bytes.
 */
@NullMarked
package dev.reelrank.torch.train;

import org.jspecify.annotations.NullMarked;
