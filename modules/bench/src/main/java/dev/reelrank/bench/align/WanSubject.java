package dev.reelrank.bench.align;

import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.bench.wan.Architecture;
import dev.reelrank.diffusion.train.Trainable;

/** The low-noise expert of a Wan. */
record WanSubject(Architecture architecture) implements Subject {
    static final String NETWORK = "transformer_2";

    private static final int TOKENS = 512;

    @Override
    public Trainable weights() {
        return architecture.snapshot();
    }

    @Override
    public String network() {
        return NETWORK;
    }

    @Override
    public Timesteps timesteps() {
        return Timesteps.uniform();
    }

    @Override
    public TrainingPairs pairs(int width, int height, int frames) {
        long[] latents = {
            1,
            architecture.latentChannels(),
            architecture.latentFrames(frames),
            height / architecture.spatialFactor(),
            width / architecture.spatialFactor()
        };
        return new RandomPair(
                latents, architecture.imageChannels(), TOKENS, architecture.textDim());
    }
}
