package dev.reelrank.evaluator;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A batch on this machine. */
final class Batch implements StageContext {
    final List<String> progress = new ArrayList<>();

    private final ResultStore store;
    private final Path scratch;

    Batch(ResultStore store, Path scratch) {
        this.store = store;
        this.scratch = scratch;
    }

    @Override
    public void progress(int item, int step, int of) {
        progress.add(item + ": " + step + "/" + of);
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public ResultStore store() {
        return store;
    }

    @Override
    public Path scratch() {
        return scratch;
    }

    @Override
    public Device device() {
        return Device.CPU;
    }
}
