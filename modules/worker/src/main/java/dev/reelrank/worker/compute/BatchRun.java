package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.store.ResultStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs batches of a loaded stage. One that fails as a whole blames nobody: its requests are run
 * again one by one, and only the one that fails by itself carries the code.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 * @param reload loads the stage anew, since an unexpected failure may have left anything behind
 */
record BatchRun<Q extends StageRequest, R extends StageResult>(
        Stage<Q, R> stage,
        ResultStore store,
        Device device,
        int cores,
        BatchListener listener,
        Runnable reload) {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);

    /**
     * How a request ended.
     *
     * @param millis that it took, its share of the batch
     */
    record Ended<R>(Outcome<R> outcome, long millis) {}

    /** One end per request, in order. */
    List<Ended<R>> of(List<Q> requests) {
        var ended = whole(requests, listener);
        if (requests.size() == 1
                || !(ended.get(0).outcome() instanceof Outcome.Failed<R> failed)
                || ended.stream().anyMatch(e -> e.outcome() != failed)
                || !blames(failed.code())) {
            return ended;
        }
        LOG.warn(
                "a batch of {} failed as a whole ({}: {}): each of them is run again by itself",
                requests.size(),
                failed.code(),
                failed.message());
        return oneByOne(requests, failed);
    }

    /** Lack of memory or an absent store is nobody's fault; the caller knows what to do. */
    private static boolean blames(FailureCode code) {
        return code.category() != FailureCategory.RESOURCES
                && code.category() != FailureCategory.EXTERNAL;
    }

    private List<Ended<R>> oneByOne(List<Q> requests, Outcome.Failed<R> before) {
        var ended = new ArrayList<Ended<R>>();
        var last = before;
        for (int i = 0; i < requests.size(); i++) {
            if (listener.cancelled()) {
                ended.add(new Ended<>(new Outcome.Returned<>("cancelled"), 0));
                continue;
            }
            try {
                if (last != null && last.code().category() == FailureCategory.INTERNAL) {
                    reload.run();
                }
            } catch (StageException e) {
                ended.add(new Ended<>(Outcome.failed(e), 0));
                continue;
            }
            var one = whole(List.of(requests.get(i)), new OneOf(listener, i)).get(0);
            last = one.outcome() instanceof Outcome.Failed<R> failed ? failed : null;
            ended.add(one);
        }
        return ended;
    }

    /** The outcomes of a batch; the same failure for all if it failed as a whole. */
    private List<Ended<R>> whole(List<Q> requests, BatchListener hears) {
        var start = System.nanoTime();
        Outcome<R> failed;
        try (var scratch = Scratch.make()) {
            var context = new Context(hears, store, scratch.folder(), device, cores);
            var outcomes = stage.run(requests, context);
            if (outcomes.size() != requests.size() || outcomes.stream().anyMatch(Objects::isNull)) {
                throw new IllegalStateException(
                        "stage %s gave %d outcomes for %d requests: %s"
                                .formatted(
                                        stage.name(), outcomes.size(), requests.size(), outcomes));
            }
            var millis = (System.nanoTime() - start) / 1_000_000 / requests.size();
            return outcomes.stream().map(o -> new Ended<>(o, millis)).toList();
        } catch (StageException e) {
            failed = Outcome.failed(e);
        } catch (OutOfMemoryError e) {
            failed = Unexpected.outOfMemory(e);
        } catch (Throwable e) {
            // Whatever a library throws at a stage: it is the batch's, not the worker's end.
            failed = Unexpected.failed("run " + stage.name(), e);
        }
        var same = new Ended<>(failed, (System.nanoTime() - start) / 1_000_000 / requests.size());
        return requests.stream().map(r -> same).toList();
    }

    /** What one request of a batch has to say, under its place in the batch. */
    private record OneOf(BatchListener all, int index) implements BatchListener {
        @Override
        public void progress(int item, int step, int of) {
            all.progress(index, step, of);
        }

        @Override
        public void progress(int item, int step, int of, Map<String, Double> figures) {
            all.progress(index, step, of, figures);
        }

        @Override
        public boolean cancelled() {
            return all.cancelled();
        }

        @Override
        public void loaded(String model, long millis) {
            all.loaded(model, millis);
        }
    }
}
