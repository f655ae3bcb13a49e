package dev.reelrank.bench.hostile;

import java.util.Random;

/** One kind of hostile act. */
interface Assault {
    /** For counting, for example {@code mutated-event}. */
    String kind();

    /**
     * Does it once.
     *
     * @throws Exception if that failed in this process: what is attacked here has a fault
     */
    void strike(Random random) throws Exception;
}
