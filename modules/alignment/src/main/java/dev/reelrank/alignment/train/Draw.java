package dev.reelrank.alignment.train;

/**
 * What one pass of a pair uses, the same for its two sides.
 *
 * @param pair its index
 * @param timestep of 0..1000
 * @param noiseSeed of the noise
 * @param own whether the noise is that of the loser instead, where it is known
 * @param dropoutSeed of the masks
 */
record Draw(int pair, double timestep, long noiseSeed, boolean own, long dropoutSeed) {
    Draw(int pair, double timestep, long noiseSeed, long dropoutSeed) {
        this(pair, timestep, noiseSeed, false, dropoutSeed);
    }

    /** Seed of the noise for a pair. */
    long noiseFor(LatentPair of) {
        Long known = of.noise();
        return own && known != null ? known : noiseSeed;
    }
}
