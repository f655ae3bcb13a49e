package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.health.StageMetrics;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Passes on progress, at most twice a second per item, and the request to end. */
final class BatchProgress implements BatchListener {
    private static final long APART_NANOS = 500_000_000;

    private final List<WorkRef> works;
    private final Reporter reporter;
    private final StageMetrics metrics;
    private final Ending ending;
    private final Watchdog watchdog;
    private final BiConsumer<Integer, Body> early;
    private final long[] lastAt;

    /**
     * @param early hears of items that ended before the batch did
     */
    BatchProgress(
            List<WorkRef> works,
            Reporter reporter,
            StageMetrics metrics,
            Ending ending,
            Watchdog watchdog,
            BiConsumer<Integer, Body> early) {
        this.works = works;
        this.reporter = reporter;
        this.metrics = metrics;
        this.ending = ending;
        this.watchdog = watchdog;
        this.early = early;
        this.lastAt = new long[works.size()];
    }

    @Override
    public void progress(int item, int step, int of) {
        progress(item, step, of, Map.of());
    }

    @Override
    public void progress(int item, int step, int of, Map<String, Double> figures) {
        watchdog.progress();
        metrics.figures(figures);
        var now = System.nanoTime();
        if (step >= of || lastAt[item] == 0 || now - lastAt[item] >= APART_NANOS) {
            lastAt[item] = now;
            reporter.progress(works.get(item), step, of, figures);
        }
    }

    @Override
    public boolean cancelled() {
        return ending.timeIsUp() || watchdog.stalled();
    }

    @Override
    public void ended(int item, Body body) {
        watchdog.progress();
        early.accept(item, body);
    }

    @Override
    public void loaded(String model, long millis) {
        watchdog.progress();
        metrics.loaded(model, millis);
    }
}
