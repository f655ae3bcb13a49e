/**
 * Attention that leaves out blocks of keys: which blocks ({@link
 * dev.reelrank.torch.sparse.BlockSelection}), the exact softmax over those that are kept ({@link
 * dev.reelrank.torch.sparse.SparseAttention}) and a linear term for all keys ({@link
 * dev.reelrank.torch.sparse.LinearAttention}).
 *
 * <p>Depends on {@code torch} alone; any model may use it.
 */
@NullMarked
package dev.reelrank.torch.sparse;

import org.jspecify.annotations.NullMarked;
