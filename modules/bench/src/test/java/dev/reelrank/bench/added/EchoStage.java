package dev.reelrank.bench.added;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.stage.StageSpec;
import dev.reelrank.pipeline.stage.StageSpec.Scope;
import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stage that the product does not know: it says each prompt again. */
final class EchoStage implements Stage<EchoRequest, EchoResult> {
    static final StageName ECHO = new StageName("echo");

    /** The table with its row: a step of every sample, after the others. */
    static final Stages OF_SAMPLE = Stages.STANDARD.with(row(Scope.SAMPLE, null));

    /** The table with its row: beside the samples, for whoever asks. */
    static final Stages BESIDE = Stages.STANDARD.with(row(Scope.BESIDE, Stages.REQUESTS));

    private static StageSpec row(Scope scope, @Nullable String requestsFrom) {
        return new StageSpec(
                ECHO,
                "echoes",
                EchoRequest.class,
                EchoResult.class,
                new EchoConfig(2),
                scope,
                requestsFrom,
                null,
                4,
                List.of());
    }

    private record NoWeights() implements LoadKey {
        @Override
        public String precision() {
            return "none";
        }
    }

    @Override
    public StageName name() {
        return ECHO;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return new NoWeights();
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return Fingerprint.of(Map.of());
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        return new Needs(0, 0);
    }

    @Override
    public void load(LoadKey key, Device device) {}

    @Override
    public List<Outcome<EchoResult>> run(List<EchoRequest> requests, StageContext context) {
        var outcomes = new ArrayList<Outcome<EchoResult>>();
        for (var request : requests) {
            outcomes.add(new Outcome.Success<>(echo(request, context), Map.of()));
            context.progress(outcomes.size() - 1, 1, 1);
        }
        return outcomes;
    }

    private static EchoResult echo(EchoRequest request, StageContext context) {
        try {
            var video = context.store().fetch(request.video().video(), context.scratch());
            return new EchoResult(
                    request.text().repeat(request.config().times()), Files.size(video));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
