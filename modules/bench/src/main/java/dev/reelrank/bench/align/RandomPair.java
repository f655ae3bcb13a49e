package dev.reelrank.bench.align;

import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.bench.wan.Architecture;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.torch.Noise;

/**
 * One pair of the right shapes that shows nothing.
 *
 * @param architecture says how many latents a clip has
 * @param width of the clip in pixels
 * @param height of the clip in pixels
 * @param frames of the clip
 */
record RandomPair(Architecture architecture, int width, int height, int frames)
        implements TrainingPairs {
    private static final int TOKENS = 512;

    @Override
    public int size() {
        return 1;
    }

    @Override
    public String name(int index) {
        return "random";
    }

    @Override
    public LatentPair pair(int index) {
        long rows = height / architecture.spatialFactor();
        long columns = width / architecture.spatialFactor();
        long times = architecture.latentFrames(frames);
        long channels = architecture.latentChannels();
        return new LatentPair(
                Noise.normal(1, 1, channels, times, rows, columns),
                Noise.normal(2, 1, channels, times, rows, columns),
                new TrainingCondition(
                        new TextContext(Noise.normal(3, TOKENS, architecture.textDim()), 0),
                        Noise.normal(4, 1, architecture.imageChannels(), times, rows, columns)));
    }

    @Override
    public String fingerprint() {
        return "random";
    }
}
