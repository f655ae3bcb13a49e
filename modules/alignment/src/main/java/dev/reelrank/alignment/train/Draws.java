package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.train.TrainableNetwork;

/** Decides what each pass of a training uses; must answer the same each time it is asked. */
interface Draws {
    /**
     * Draws noise and time of one pass.
     *
     * @param network trained in this step
     * @param step counted from 0
     * @param pass within the step, counted from 0
     */
    Draw draw(TrainableNetwork network, long step, int pass);
}
