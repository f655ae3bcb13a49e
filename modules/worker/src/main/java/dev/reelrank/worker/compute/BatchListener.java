package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.event.WorkReport.Body;
import java.util.Map;

/** Receives the progress of a batch; called on the computing thread. */
public interface BatchListener {
    /** See {@link dev.reelrank.pipeline.stage.StageContext#progress}. */
    void progress(int item, int step, int of);

    /** The same with figures of the step, by name. */
    default void progress(int item, int step, int of, Map<String, Double> figures) {
        progress(item, step, of);
    }

    /** Whether the batch should end between two steps. */
    boolean cancelled();

    /**
     * A model has been loaded.
     *
     * @param model {@link dev.reelrank.pipeline.stage.LoadKey#label}
     */
    void loaded(String model, long millis);

    /**
     * An item has ended while others of the batch go on.
     *
     * @param body of its report, kept in the store if it succeeded
     */
    default void ended(int item, Body body) {}

    /** Hears nothing and never cancels. */
    BatchListener NONE =
            new BatchListener() {
                @Override
                public void progress(int item, int step, int of) {}

                @Override
                public boolean cancelled() {
                    return false;
                }

                @Override
                public void loaded(String model, long millis) {}
            };
}
