package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.torch.Noise;
import java.util.SplittableRandom;

/**
 * Goes through the pairs in an order that is new in each epoch, with new noise and a new timestep
 * each time. Everything follows from the seed, the step and the pass.
 */
final class SeededDraws implements Draws {
    private static final long ORDER = 1;
    private static final long TIMESTEP = 2;
    private static final long NOISE = 3;
    private static final long DROPOUT = 4;
    private static final long OWN = 5;

    private final long seed;
    private final int pairs;
    private final int passes;
    private final Timesteps timesteps;
    private final double ownNoise;

    private long epochKept = -1;
    private int[] orderKept = {};

    /**
     * @param pairs how many there are
     * @param passes per step
     * @param ownNoise share of the passes with the noise that the loser was generated from
     */
    SeededDraws(long seed, int pairs, int passes, Timesteps timesteps, double ownNoise) {
        this.seed = seed;
        this.pairs = pairs;
        this.passes = passes;
        this.timesteps = timesteps;
        this.ownNoise = ownNoise;
    }

    SeededDraws(long seed, int pairs, int passes, Timesteps timesteps) {
        this(seed, pairs, passes, timesteps, 0);
    }

    @Override
    public synchronized Draw draw(TrainableNetwork network, long step, int pass) {
        long position = step * passes + pass;
        var random = new SplittableRandom(Noise.seed(seed, TIMESTEP, position));
        return new Draw(
                order(position / pairs)[(int) (position % pairs)],
                timesteps.draw(network.noise(), network.name(), random),
                Noise.seed(seed, NOISE, position),
                new SplittableRandom(Noise.seed(seed, OWN, position)).nextDouble() < ownNoise,
                Noise.seed(seed, DROPOUT, position));
    }

    /** Fisher and Yates's shuffle of all pairs. */
    private int[] order(long epoch) {
        if (epoch != epochKept) {
            var random = new SplittableRandom(Noise.seed(seed, ORDER, epoch));
            var order = new int[pairs];
            for (int i = 0; i < pairs; i++) {
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            orderKept = order;
            epochKept = epoch;
        }
        return orderKept;
    }
}
