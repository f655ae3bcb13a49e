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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs batches of a loaded stage. One that fails as a whole blames nobody: its requests are run
 * again one by one, and only the one that fails by itself carries the code.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 * @param reload loads the stage anew, since an unexpected failure may have left anything behind
 * @param early hears of requests that ended before the batch did, by their place in it
 */
record BatchRun<Q extends StageRequest, R extends StageResult>(
        Stage<Q, R> stage,
        ResultStore store,
        Device device,
        int cores,
        BatchListener listener,
        Runnable reload,
        BiConsumer<Integer, Ended<R>> early) {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);

    /**
     * How a request ended.
     *
     * @param millis that it took, its share of the batch
     */
    record Ended<R>(Outcome<R> outcome, long millis) {}

    /** One end per request, in order. */
    List<Ended<R>> of(List<Q> requests) {
        var ended = whole(requests, 0, listener);
        var failed =
                ended.stream()
                        .map(Ended::outcome)
                        .filter(o -> o instanceof Outcome.Failed)
                        .map(o -> (Outcome.Failed<R>) o)
                        .findFirst();
        var together =
                IntStream.range(0, ended.size())
                        .filter(i -> failed.isPresent() && ended.get(i).outcome() == failed.get())
                        .boxed()
                        .toList();
        // Those that succeeded before the others failed as a whole have nothing to do with it.
        if (together.size() < 2
                || ended.stream()
                        .anyMatch(
                                e ->
                                        e.outcome() != failed.orElseThrow()
                                                && !(e.outcome() instanceof Outcome.Success))
                || !blames(failed.orElseThrow().code())) {
            return ended;
        }
        LOG.warn(
                "a batch of {} failed as a whole ({}: {}): each of them is run again by itself",
                together.size(),
                failed.get().code(),
                failed.get().message());
        var all = new ArrayList<>(ended);
        var again = oneByOne(requests, together, failed.get());
        for (int i = 0; i < together.size(); i++) {
            all.set(together.get(i), again.get(i));
        }
        return all;
    }

    /** Lack of memory or an absent store is nobody's fault; the caller knows what to do. */
    private static boolean blames(FailureCode code) {
        return code.category() != FailureCategory.RESOURCES
                && code.category() != FailureCategory.EXTERNAL;
    }

    private List<Ended<R>> oneByOne(
            List<Q> requests, List<Integer> which, Outcome.Failed<R> before) {
        var ended = new ArrayList<Ended<R>>();
        var last = before;
        for (int i : which) {
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
            var one = whole(List.of(requests.get(i)), i, new OneOf(listener, i)).get(0);
            last = one.outcome() instanceof Outcome.Failed<R> failed ? failed : null;
            ended.add(one);
        }
        return ended;
    }

    /** The outcomes of a batch; the same failure for all if it failed as a whole. */
    private List<Ended<R>> whole(List<Q> requests, int first, BatchListener hears) {
        var start = System.nanoTime();
        var before = new HashMap<Integer, Ended<R>>();
        Outcome<R> failed;
        try (var scratch = Scratch.make()) {
            var context =
                    new Context(
                            hears,
                            store,
                            scratch.folder(),
                            device,
                            cores,
                            (item, outcome) -> early(item, first, outcome, start, before));
            var outcomes = stage.run(requests, context);
            if (outcomes.size() != requests.size() || outcomes.stream().anyMatch(Objects::isNull)) {
                throw new IllegalStateException(
                        "stage %s gave %d outcomes for %d requests: %s"
                                .formatted(
                                        stage.name(), outcomes.size(), requests.size(), outcomes));
            }
            return with(before, outcomes, start);
        } catch (StageException e) {
            failed = Outcome.failed(e);
        } catch (OutOfMemoryError e) {
            failed = Unexpected.outOfMemory(e);
        } catch (Throwable e) {
            // Whatever a library throws at a stage: it is the batch's, not the worker's end.
            failed = Unexpected.failed("run " + stage.name(), e);
        }
        return with(before, Collections.nCopies(requests.size(), failed), start);
    }

    @SuppressWarnings("unchecked")
    private void early(
            int item, int first, Outcome<?> outcome, long start, Map<Integer, Ended<R>> before) {
        // A stage's outcomes are of its own results.
        var ended = new Ended<>((Outcome<R>) outcome, share(before, 1, start));
        if (before.putIfAbsent(item, ended) == null) {
            early.accept(first + item, ended);
        }
    }

    /** The outcomes, those that are known already as they were; each with its share of the time. */
    private List<Ended<R>> with(
            Map<Integer, Ended<R>> before, List<Outcome<R>> outcomes, long start) {
        long millis = share(before, Math.max(1, outcomes.size() - before.size()), start);
        return IntStream.range(0, outcomes.size())
                .mapToObj(
                        i -> {
                            var known = before.get(i);
                            return known == null ? new Ended<>(outcomes.get(i), millis) : known;
                        })
                .toList();
    }

    /** Of what those that ended before left. */
    private long share(Map<Integer, Ended<R>> before, int parts, long start) {
        long all = (System.nanoTime() - start) / 1_000_000;
        long taken = before.values().stream().mapToLong(Ended::millis).sum();
        return Math.max(0, all - taken) / parts;
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
