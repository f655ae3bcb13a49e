/**
 * What a generator offers for the training of its adapters: its networks with LoRA layers, each
 * with the noise it is made for, and their passes as blocks that can be computed again.
 *
 * <p>Knows no loss, no pairs and no file of a training. Families implement it.
 */
@NullMarked
package dev.reelrank.diffusion.train;

import org.jspecify.annotations.NullMarked;
