package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.Producers;
import java.time.Clock;
import java.util.List;

/**
 * Computes single requests on this machine, without a bus: what the commands {@code prompt}, {@code
 * generate}, {@code rank} and {@code grade} do. Results are looked up in the store and kept there
 * exactly as the farm's are, so either finds what the other made.
 *
 * <pre>{@code
 * try (var store = Stores.open(uri);
 *         var runner = StageRunner.of(new PromptStage(models), store, device)) {
 *     var image = store.putBlob(file, "image/png");
 *     var answer = runner.run(new PromptRequest(text, image, config), listener);
 *     answer.result().prompt();             // PromptResult
 *     answer.computation().reused();        // found, not computed
 * }
 * }</pre>
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 */
public final class StageRunner<Q extends StageRequest, R extends StageResult>
        implements AutoCloseable {
    /**
     * A result and how it came to be.
     *
     * @param <R> the stage's result
     * @param computation how it came to be; {@code inputKey} is the cache key
     */
    public record Answer<R>(R result, Computation computation) {}

    private final StageSession<Q, R> session;
    private final int cores;

    private StageRunner(StageSession<Q, R> session, int cores) {
        this.session = session;
        this.cores = cores;
    }

    /**
     * On all cores. The runner owns the stage and closes it; the store stays the caller's.
     *
     * @param <Q> the stage's request
     * @param <R> the stage's result
     */
    public static <Q extends StageRequest, R extends StageResult> StageRunner<Q, R> of(
            Stage<Q, R> stage, ResultStore store, Device device) {
        return of(stage, store, device, Runtime.getRuntime().availableProcessors());
    }

    /**
     * On some of the cores, because others work beside it.
     *
     * @param <Q> the stage's request
     * @param <R> the stage's result
     * @param cores at least 1
     */
    public static <Q extends StageRequest, R extends StageResult> StageRunner<Q, R> of(
            Stage<Q, R> stage, ResultStore store, Device device, int cores) {
        return new StageRunner<>(
                new StageSession<>(
                        stage,
                        store,
                        ReportCodec.avro(Stages.STANDARD),
                        device,
                        Producers.ofThisProcess(stage.name().id() + "-command", device),
                        Clock.systemUTC()),
                cores);
    }

    public Answer<R> run(Q request) {
        return run(request, BatchListener.NONE);
    }

    /**
     * The stored result of the request, or a new one, which is then stored.
     *
     * @throws StageException with the code of the failure
     */
    @SuppressWarnings("unchecked")
    public Answer<R> run(Q request, BatchListener listener) {
        var item = session.prepare(local(request), request);
        var body =
                session.look(item)
                        .map(s -> (Body) s)
                        .orElseGet(
                                () -> session.compute(List.of(item), cores, true, listener).get(0));
        if (body instanceof Succeeded s) {
            // A stage's results are of its own kind by the input key.
            return new Answer<>((R) s.result(), s.computation());
        }
        if (body instanceof Failed f) {
            throw new StageException(f.code(), f.message());
        }
        throw new StageException(
                FailureCode.INTERNAL_ERROR, "not finished: " + ((Returned) body).reason());
    }

    private static WorkRef local(StageRequest request) {
        Long seed = request instanceof CandidateRequest c ? c.seed() : null;
        return new WorkRef("local", "local", "local", request.stage(), seed, 0);
    }

    @Override
    public void close() {
        session.unload();
        session.close();
    }
}
