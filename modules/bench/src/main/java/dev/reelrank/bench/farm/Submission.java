package dev.reelrank.bench.farm;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Samples of a run, as {@code submit} sends them.
 *
 * @param prompts by sample id, in the order of submission
 */
public record Submission(String runId, Map<String, String> prompts, List<Long> seeds) {

    /** A new run. */
    public static Submission of(Map<String, String> prompts, List<Long> seeds) {
        return new Submission(Ids.newRunId(Instant.now()), prompts, seeds);
    }

    public RunConfiguration configuration() {
        var defaults = RunConfiguration.defaults();
        var c = CandidateConfig.defaults();
        return new RunConfiguration(
                defaults.prompt(),
                new CandidateConfig(
                        seeds,
                        c.steps(),
                        c.width(),
                        c.height(),
                        c.sizeRule(),
                        c.frames(),
                        c.fps(),
                        c.guidance(),
                        c.negativePrompt(),
                        c.scheduler(),
                        c.shift(),
                        c.boundary(),
                        c.loras(),
                        c.precision(),
                        c.offload(),
                        c.codec(),
                        c.crf()),
                defaults.ranking(),
                defaults.grade());
    }

    /** Opens the run, sends its samples and closes the submission. */
    public void send(EventPublisher publisher, ResultStore store) {
        var image = store.putBlob("no picture".getBytes(StandardCharsets.UTF_8), "image/png");
        var submission = UUID.randomUUID().toString();
        var events = new ArrayList<Event>();
        events.add(new RunOpened(runId, configuration(), null, Instant.now()));
        prompts.forEach((id, prompt) -> events.add(sample(submission, id, prompt, image)));
        events.add(new RunClosed(runId, submission, prompts.size(), Instant.now()));
        publisher.publish(events);
    }

    private SampleSubmitted sample(String submission, String id, String prompt, BlobRef image) {
        return new SampleSubmitted(
                runId,
                submission,
                id,
                prompt,
                image,
                null,
                null,
                configuration(),
                List.of(),
                Instant.now());
    }
}
