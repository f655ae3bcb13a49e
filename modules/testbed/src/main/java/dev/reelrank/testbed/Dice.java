package dev.reelrank.testbed;

import java.util.List;

/** SplitMix64 (Steele, Lea, Flood 2014): the same draws on every machine, for every Java. */
public final class Dice {
    private long state;

    /**
     * @param seed what is drawn for
     * @param stream separates uses of one seed
     */
    public Dice(long seed, long stream) {
        this.state = mix(seed) ^ mix(stream * 0x9E3779B97F4A7C15L + 0x632BE59BD9B4E019L);
    }

    static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** 64 random bits. */
    public long bits() {
        state += 0x9E3779B97F4A7C15L;
        return mix(state);
    }

    /** Uniform in [0, 1), 24 bits. */
    public float unit() {
        return (bits() >>> 40) * 0x1p-24f;
    }

    /** Uniform in [low, high). */
    public float between(float low, float high) {
        return low + (high - low) * unit();
    }

    /** Uniform in 0..bound, without bound. */
    public int below(int bound) {
        return (int) Math.floorMod(bits() >>> 1, (long) bound);
    }

    /** True with this probability. */
    public boolean chance(double probability) {
        return unit() < probability;
    }

    /** One of the list, each as likely. */
    public <T> T pick(List<T> list) {
        return list.get(below(list.size()));
    }

    /** One of these, each as likely. */
    @SafeVarargs
    public final <T> T pick(T... all) {
        return all[below(all.length)];
    }
}
