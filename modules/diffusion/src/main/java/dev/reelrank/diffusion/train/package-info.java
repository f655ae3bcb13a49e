/**
 * What a generator offers for the training of its adapters: its networks with LoRA layers, each
 * with the range of noise that it is made for, and their passes as blocks that can be recomputed.
 *
 * <p>Depends on no loss, no pairs and no training file. Families implement it.
 */
@NullMarked
package dev.reelrank.diffusion.train;

import org.jspecify.annotations.NullMarked;
