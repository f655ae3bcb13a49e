package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.util.SplittableRandom;

/**
 * Makes a smooth video flicker with noise, as Video-DPO does: each frame gets Gaussian noise and a
 * colour shift of its own.
 *
 * <p>For a pixel value v in 0..1: v' = clamp(v + s·n + (u − ½)·s/2, 0, 1), where s is the strength,
 * n a normal draw per value, and u a uniform draw per frame and channel (Video-DPO,
 * scripts/generate_data.py). The draws depend on the seed and the frame's number alone.
 *
 * @param strength s, above 0 and at most 1; Video-DPO uses 0.15
 * @param seed of the draws
 */
public record NoiseJitter(double strength, long seed) {
    public NoiseJitter {
        if (!(strength > 0 && strength <= 1)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the jitter strength is %s; it must be above 0 and at most 1"
                            .formatted(strength));
        }
    }

    /**
     * The spoilt frame; the given one stays as it is.
     *
     * @param number of the frame in its video, from 0
     */
    public RgbImage apply(RgbImage frame, int number) {
        var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
        var shift = new double[3];
        for (int channel = 0; channel < 3; channel++) {
            shift[channel] = (random.nextDouble() - 0.5) * strength * 0.5;
        }
        byte[] from = frame.rgb();
        var to = new byte[from.length];
        for (int i = 0; i < from.length; i++) {
            double value =
                    (from[i] & 0xff) / 255.0 + strength * random.nextGaussian() + shift[i % 3];
            to[i] = (byte) Math.round(Math.max(0, Math.min(1, value)) * 255);
        }
        return new RgbImage(frame.width(), frame.height(), to);
    }
}
