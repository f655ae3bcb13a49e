/**
 * Training: LoRA layers on frozen weights, recomputation block by block, AdamW, learning rates.
 *
 * <p>Knows no model and no loss. A model puts {@link dev.reelrank.torch.train.LoraLayers} beside
 * its linear layers and offers its forward pass as {@link dev.reelrank.torch.train.Block}s. {@link
 * dev.reelrank.torch.train.BlockPass} runs them and brings a gradient back, keeping only what goes
 * into each block. {@link dev.reelrank.torch.train.AdamW} changes the LoRA weights.
 *
 * <p>Everything random depends on seeds that callers pass, so a training needs no random state: a
 * seed and the number of steps done say what comes next. On the CPU equal inputs give equal bytes.
 */
@NullMarked
package dev.reelrank.torch.train;

import org.jspecify.annotations.NullMarked;
