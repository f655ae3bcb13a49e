package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * @param early hears of items that ended before the batch did
 */
record Context(
        BatchListener listener,
        ResultStore store,
        Path scratch,
        Device device,
        int cores,
        BiConsumer<Integer, Outcome<?>> early)
        implements StageContext {
    @Override
    public void ended(int item, Outcome<?> outcome) {
        early.accept(item, outcome);
    }

    @Override
    public void progress(int item, int step, int of) {
        listener.progress(item, step, of);
    }

    @Override
    public void progress(int item, int step, int of, Map<String, Double> figures) {
        listener.progress(item, step, of, figures);
    }

    @Override
    public boolean cancelled() {
        return listener.cancelled();
    }
}
