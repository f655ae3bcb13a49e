package dev.reelrank.alignment.train;

/**
 * What one pass of a pair uses, the same for its two sides.
 *
 * @param pair its index
 * @param timestep of 0..1000
 * @param noiseSeed of the noise
 * @param dropoutSeed of the masks
 */
record Draw(int pair, double timestep, long noiseSeed, long dropoutSeed) {}
