package dev.reelrank.animatediff;

import org.bytedeco.pytorch.Tensor;

/**
 * What conditions all layers of one evaluation, of one clip for each text.
 *
 * @param time the embedded timestep after SiLU, shape (1, time dim)
 * @param text rows of the prompts, shape (clips, tokens, text dim)
 * @param frames of a clip; the frames of all clips lie one after the other
 * @param still whether frames are pictures for themselves: motion modules are left out
 */
record UnetInput(Tensor time, Tensor text, long frames, boolean still) {}
