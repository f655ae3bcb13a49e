package dev.reelrank.animatediff;

import org.bytedeco.pytorch.Tensor;

/**
 * What conditions all layers of one evaluation.
 *
 * @param time the embedded timestep after SiLU, shape (1, time dim)
 * @param text rows of the prompt, shape (1, tokens, text dim)
 * @param still whether frames are pictures for themselves: motion modules are left out
 */
record UnetInput(Tensor time, Tensor text, boolean still) {}
