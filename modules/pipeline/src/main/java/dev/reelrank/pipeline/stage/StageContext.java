package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.Map;

/** What a stage may use while it runs a batch. */
public interface StageContext {
    /**
     * Says how far an item of the batch is; cheap enough to call at every step.
     *
     * @param item index in the batch
     * @param step steps finished, 0..of
     * @param of steps in all
     */
    void progress(int item, int step, int of);

    /**
     * The same with figures of the step.
     *
     * @param figures by name, for example {@code loss}
     */
    default void progress(int item, int step, int of, Map<String, Double> figures) {
        progress(item, step, of);
    }

    /**
     * Says how an item ended while others of the batch go on: what succeeded is kept and reported
     * now. Called on the thread that runs the batch; {@link Stage#run} returns the outcome all the
     * same.
     *
     * @param item index in the batch
     */
    default void ended(int item, Outcome<?> outcome) {}

    /**
     * True once the batch should end: the stage returns {@link Outcome.Returned} for what is not
     * finished, between two steps.
     */
    boolean cancelled();

    /** Inputs are fetched from it and blobs put into it. */
    ResultStore store();

    /** An empty folder of this batch, removed afterwards. */
    Path scratch();

    Device device();

    /**
     * How many CPU cores this batch has been granted, at least 1. A stage on the CPU computes with
     * as many threads, and with no more: other stages of the host wait for theirs.
     */
    default int cores() {
        return Runtime.getRuntime().availableProcessors();
    }
}
