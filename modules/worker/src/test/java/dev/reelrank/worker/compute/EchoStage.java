package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A stage for tests: answers with the prompt itself, or as the test says; counts what is asked. */
public final class EchoStage implements Stage<PromptRequest, PromptResult> {
    private record EchoKey(String precision) implements LoadKey {}

    private volatile BiFunction<PromptRequest, StageContext, Outcome<PromptResult>> behaviour =
            (request, context) -> echo(request);
    private String files = "weights";
    private String missing = "";
    private volatile String needsFault = "";
    private volatile boolean early;
    private int loads;
    private int runs;

    public static Outcome<PromptResult> echo(PromptRequest request) {
        return new Outcome.Success<>(
                new PromptResult(
                        request.originalPrompt(),
                        request.config().mode(),
                        PromptResult.Source.MODEL,
                        1,
                        1,
                        null,
                        List.of()),
                Map.of("echo", 1L));
    }

    public void behave(Function<PromptRequest, Outcome<PromptResult>> other) {
        behaviour = (request, context) -> other.apply(request);
    }

    public void behave(BiFunction<PromptRequest, StageContext, Outcome<PromptResult>> other) {
        behaviour = other;
    }

    public void files(String other) {
        files = other;
    }

    /** From now on it says how an item ended before it begins the next one. */
    public void saysEnds() {
        early = true;
    }

    /** The model files are not there. */
    public void missing(String message) {
        missing = message;
    }

    /** It cannot say what work with this prefix needs. */
    public void failNeedsOf(String prefix) {
        needsFault = prefix;
    }

    public int loads() {
        return loads;
    }

    public int runs() {
        return runs;
    }

    @Override
    public StageName name() {
        return StageName.PROMPT;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return new EchoKey(((PromptConfig) config).precision());
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        if (!missing.isEmpty()) {
            throw new StageException(FailureCode.MODEL_MISSING, missing);
        }
        return Fingerprint.of(Map.of("model", files));
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        if (!needsFault.isEmpty() && ((PromptConfig) config).prefix().equals(needsFault)) {
            throw new ArithmeticException("no such size");
        }
        return new Needs(0.1, 0);
    }

    @Override
    public void load(LoadKey key, Device device) {
        loads++;
    }

    @Override
    public List<Outcome<PromptResult>> run(List<PromptRequest> requests, StageContext context) {
        var outcomes = new ArrayList<Outcome<PromptResult>>();
        for (int i = 0; i < requests.size(); i++) {
            runs++;
            var outcome = behaviour.apply(requests.get(i), context);
            outcomes.add(outcome);
            context.progress(i, 1, 1);
            if (early && i + 1 < requests.size()) {
                context.ended(i, outcome);
            }
        }
        return outcomes;
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
