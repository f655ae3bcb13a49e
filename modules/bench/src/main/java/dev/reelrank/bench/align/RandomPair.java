package dev.reelrank.bench.align;

import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.torch.Noise;

/**
 * One pair of random latents, with a random prompt and image.
 *
 * @param latents shape: 1, channels, frames, rows, columns
 * @param imageChannels that an image adds; 0 for none
 * @param textRows of the prompt
 * @param textDim width of the prompt
 */
record RandomPair(long[] latents, long imageChannels, long textRows, long textDim)
        implements TrainingPairs {
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
        long[] image = latents.clone();
        image[1] = imageChannels;
        return new LatentPair(
                Noise.normal(1, latents),
                Noise.normal(2, latents),
                new TrainingCondition(
                        new TextContext(Noise.normal(3, textRows, textDim), 0),
                        imageChannels == 0 ? null : Noise.normal(4, image)));
    }

    @Override
    public String fingerprint() {
        return "random";
    }
}
