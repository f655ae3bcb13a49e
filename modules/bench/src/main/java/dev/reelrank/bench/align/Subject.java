package dev.reelrank.bench.align;

import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.diffusion.train.Trainable;

/** A model whose training is measured, with random weights. */
interface Subject {
    Trainable weights();

    /** The network that is trained, by its folder. */
    String network();

    /** Which timesteps are trained. */
    Timesteps timesteps();

    /** Pairs of the shape that the encoders would make of videos of this size. */
    TrainingPairs pairs(int width, int height, int frames);
}
