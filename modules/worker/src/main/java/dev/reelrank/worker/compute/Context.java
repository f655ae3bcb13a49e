package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.Map;

record Context(BatchListener listener, ResultStore store, Path scratch, Device device, int cores)
        implements StageContext {
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
