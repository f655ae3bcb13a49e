package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import java.time.Duration;
import java.util.List;

/**
 * One step of the pipeline: it loads its model once, processes batches of requests, and unloads.
 *
 * <p>The caller keeps this order, on one thread: {@link #load}, any number of {@link #run}, {@link
 * #unload}, again {@link #load} … , {@link #close}. {@link #loadKey}, {@link #fingerprint}, {@link
 * #needs} may be called at any time, loaded or not; they read files and configuration only.
 *
 * @param <Q> its requests
 * @param <R> its results
 */
public interface Stage<Q extends StageRequest, R extends StageResult> extends AutoCloseable {
    StageName name();

    /** Must be raised whenever the same request gives another result; part of every input key. */
    int version();

    /** Models, LoRAs and strengths, precision, offload: what decides which weights are loaded. */
    LoadKey loadKey(StageConfig config);

    /**
     * What the files of a load key contain, found without loading them.
     *
     * @throws dev.reelrank.pipeline.StageException with a MODEL code if files are missing or do not
     *     fit each other; the message lists the folders tried
     */
    Fingerprint fingerprint(LoadKey key);

    /**
     * What requests of a configuration need once its weights are loaded.
     *
     * @param key the configuration's own, as {@link #loadKey} gave it: what it has opened is not
     *     opened again
     */
    Needs needs(LoadKey key, StageConfig config);

    /**
     * Makes ready to run: afterwards {@link #run} does not fail for the sake of the models' files.
     *
     * <p>A stage whose models do not fit into memory together checks here that each can be loaded,
     * and loads them in {@link #run}, one after another; {@link #needs} then says what the largest
     * of them needs.
     *
     * <p>A stage may be ready while a part that its first steps do not need is still loading. If
     * that part cannot be loaded, the request in hand fails with the code that this method would
     * have thrown, and the next one has it loaded again.
     *
     * @throws dev.reelrank.pipeline.StageException with a MODEL code if files are missing, cut off
     *     or of another kind; a RESOURCES code if there is no room
     */
    void load(LoadKey key, Device device);

    /**
     * Answers requests that share one load key, at most a {@link StageSpec#batch}.
     *
     * @return one outcome per request, in the order of the requests; a failure of one is not a
     *     failure of the others
     */
    List<Outcome<R>> run(List<Q> requests, StageContext context);

    /**
     * Whether a batch may hold one request more than its {@link StageSpec} says while the queue is
     * long: the stage prepares it, and finishes the one before, beside its own work on the device.
     */
    default boolean worksAhead() {
        return false;
    }

    /**
     * How long loading, or a step of {@link #run}, may take without a word: without progress for
     * longer, the work is cancelled. An operator may say otherwise.
     */
    default Duration patience() {
        return Duration.ofMinutes(30);
    }

    /**
     * Most device memory that was in use at once since {@link #load}, bytes; 0 if it cannot be
     * told. On the CPU the caller measures the process itself.
     */
    default long peakDeviceBytes() {
        return 0;
    }

    /** Gives back all device memory. Does nothing when nothing is loaded. */
    void unload();

    @Override
    void close();
}
