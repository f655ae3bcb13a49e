package dev.reelrank.bench.waiting;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.video.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Waits as long as its pace says, in eight steps, and answers with next to nothing.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 */
final class WaitingStage<Q extends StageRequest, R extends StageResult> implements Stage<Q, R> {
    private record NothingToLoad() implements LoadKey {
        @Override
        public String precision() {
            return "none";
        }
    }

    private static final int STEPS = 8;

    private final StageName name;
    private final Pace pace;
    private final double needsGib;
    private final boolean readInputs;
    private final Function<Q, String> prompt;
    private final ToLongFunction<Q> seed;
    private final BiFunction<Q, StageContext, R> answer;

    WaitingStage(
            StageName name,
            Pace pace,
            double needsGib,
            boolean readInputs,
            Function<Q, String> prompt,
            ToLongFunction<Q> seed,
            BiFunction<Q, StageContext, R> answer) {
        this.name = name;
        this.pace = pace;
        this.needsGib = needsGib;
        this.readInputs = readInputs;
        this.prompt = prompt;
        this.seed = seed;
        this.answer = answer;
    }

    @Override
    public StageName name() {
        return name;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return new NothingToLoad();
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return Fingerprint.of(Map.of("model", "waiting"));
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        return new Needs(needsGib, 0);
    }

    @Override
    public void load(LoadKey key, Device device) {
        sleep(pace.realNanos(pace.loadSeconds()));
    }

    @Override
    public List<Outcome<R>> run(List<Q> requests, StageContext context) {
        var outcomes = new ArrayList<Outcome<R>>();
        for (int i = 0; i < requests.size(); i++) {
            var outcome = one(requests.get(i), i, context);
            outcomes.add(outcome);
            if (i + 1 < requests.size()) {
                context.ended(i, outcome);
            }
        }
        return outcomes;
    }

    private Outcome<R> one(Q request, int index, StageContext context) {
        try {
            var text = prompt.apply(request);
            var number = seed.applyAsLong(request);
            Marks.apply(name, text, number);
            while (Marks.hangs(name, text) && !context.cancelled()) {
                sleep(100_000_000);
            }
            if (readInputs) {
                readImage(request, context);
            }
            var step = pace.realNanos(pace.item(text, number)) / STEPS;
            var start = System.nanoTime();
            for (int i = 1; i <= STEPS; i++) {
                if (context.cancelled()) {
                    return new Outcome.Returned<>("cancelled at step " + i);
                }
                sleep(start + i * step - System.nanoTime());
                if (step > 0) {
                    context.progress(index, i, STEPS);
                }
            }
            return new Outcome.Success<>(answer.apply(request, context), Map.of());
        } catch (StageException e) {
            return Outcome.failed(e);
        }
    }

    /** As the real stages do: what cannot be read is the sample's fault. */
    private static void readImage(StageRequest request, StageContext context) {
        for (var input : request.blobs()) {
            if (input.blob().mediaType().startsWith("image/")) {
                Images.read(context.store().fetch(input.blob(), context.scratch()));
            }
        }
    }

    private static void sleep(long nanos) {
        if (nanos <= 0) {
            return;
        }
        try {
            Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
