package dev.reelrank.bench.farm;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.client.run.Submission;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run of prompts without pictures: the stages that it goes through only wait.
 *
 * @param prompts by sample id, in the order of submission
 */
public record PromptedRun(
        String runId, Map<String, String> prompts, List<Long> seeds, @Nullable Prune prune) {
    /** One whose candidates are all finished. */
    public PromptedRun(String runId, Map<String, String> prompts, List<Long> seeds) {
        this(runId, prompts, seeds, null);
    }

    /** A new run. */
    public static PromptedRun of(Map<String, String> prompts, List<Long> seeds) {
        return new PromptedRun(Ids.newRunId(Instant.now()), prompts, seeds);
    }

    /** The same, of which only one candidate a sample is finished. */
    public PromptedRun pruned() {
        return pruned(new Prune(2, 1));
    }

    /** The same, of which only so many candidates a sample are finished. */
    public PromptedRun pruned(Prune rule) {
        return new PromptedRun(runId, prompts, seeds, rule);
    }

    public RunConfiguration configuration() {
        var defaults = RunConfiguration.defaults();
        return new RunConfiguration(
                defaults.prompt(),
                defaults.candidate().withSeeds(seeds).withPrune(prune),
                defaults.ranking(),
                defaults.grade());
    }

    /** Submits it; each time is a submission of its own. */
    public void submit(EventPublisher publisher, ResultStore store) {
        var image = store.putBlob("no picture".getBytes(StandardCharsets.UTF_8), "image/png");
        var items =
                prompts.entrySet().stream()
                        .map(e -> new Submission.Item(e.getKey(), e.getValue(), image, null, null))
                        .toList();
        new Submission(publisher, store, Clock.systemUTC())
                .send(runId, UUID.randomUUID().toString(), items, configuration());
    }
}
