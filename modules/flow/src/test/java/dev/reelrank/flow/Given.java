package dev.reelrank.flow;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.TuneRequest;
import dev.reelrank.pipeline.stage.TuneResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as users and workers send them. */
public final class Given {
    public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    public static final Producer FLOW = producer("flow");

    private Given() {}

    public static RunConfiguration configuration(Long... seeds) {
        var d = RunConfiguration.defaults();
        var c = d.candidate();
        var candidate = c.withSeeds(List.of(seeds));
        return new RunConfiguration(d.prompt(), candidate, d.ranking(), d.grade());
    }

    /** A sample whose candidates are compared after some steps. */
    public static SampleSubmitted pruned(String id, int after, int keep, Long... seeds) {
        var c = configuration(seeds);
        var candidate = c.candidate().withPrune(new CandidateConfig.Prune(after, keep));
        return sample(
                id,
                "a ring on a table",
                null,
                new RunConfiguration(c.prompt(), candidate, c.ranking(), c.grade()),
                List.of());
    }

    /** A sample whose candidates are of several models. */
    public static SampleSubmitted ofModels(String id, List<String> models, Long... seeds) {
        var c = configuration(seeds);
        return sample(
                id,
                "a ring on a table",
                null,
                new RunConfiguration(
                        c.prompt(), c.candidate().withModels(models), c.ranking(), c.grade()),
                List.of());
    }

    public static SampleSubmitted sample(String id, Long... seeds) {
        return sample(id, "a ring on a table", null, configuration(seeds), List.of());
    }

    public static SampleSubmitted sample(
            String id,
            String prompt,
            @Nullable String userPrompt,
            RunConfiguration configuration,
            List<StageFact> inherited) {
        return new SampleSubmitted(
                "run-1",
                "submission-1",
                id,
                prompt,
                blob("image " + id),
                null,
                userPrompt,
                configuration,
                inherited,
                NOW);
    }

    /** One that may try further seeds while the gate keeps no candidate. */
    public static SampleSubmitted withRetrySeeds(int more, String id, Long... seeds) {
        var d = configuration(seeds);
        var c = d.candidate();
        var candidate =
                new CandidateConfig(
                        c.model(),
                        c.seeds(),
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
                        c.parameters(),
                        c.loras(),
                        c.precision(),
                        c.offload(),
                        c.codec(),
                        c.crf(),
                        more,
                        null,
                        c.models());
        return sample(
                id,
                "a ring on a table",
                null,
                new RunConfiguration(d.prompt(), candidate, d.ranking(), d.grade()),
                List.of());
    }

    /** A grade with this decision. */
    public static GradeResult grade(String decision) {
        return new GradeResult(
                "B+",
                0.8,
                false,
                Map.of(),
                "fine",
                0,
                List.of(),
                new GradeResult.Verdict(decision, "because", List.of()));
    }

    /** The same sample, sent by another submission. */
    public static SampleSubmitted again(SampleSubmitted s, String submissionId) {
        return new SampleSubmitted(
                s.runId(),
                submissionId,
                s.sampleId(),
                s.originalPrompt(),
                s.image(),
                s.subject(),
                s.userPrompt(),
                s.configuration(),
                s.inherited(),
                s.at());
    }

    public static RetryRequested retry(String sampleId) {
        return new RetryRequested("run-1", sampleId, "tester", NOW);
    }

    public static BlobRef blob(String content) {
        var sha = Sha256.of(content);
        return new BlobRef("store:blobs/" + sha, sha, content.length(), "application/octet-stream");
    }

    public static Producer producer(String process) {
        return new Producer("worker", process, "host", "cpu", "cpu");
    }

    public static WorkReport success(WorkItem item) {
        return success(item, "p1");
    }

    public static WorkReport success(WorkItem item, String process) {
        return report(
                item.work(),
                process,
                new WorkReport.Succeeded(computation(), answer(item.request())));
    }

    /** A success with this result. */
    public static WorkReport success(WorkItem item, StageResult result) {
        return report(item.work(), "p1", new WorkReport.Succeeded(computation(), result));
    }

    /** A success of a worker whose model has other files. */
    public static WorkReport successWith(WorkItem item, String fingerprint) {
        var c = computation();
        var computation =
                new Computation(
                        c.inputKey(),
                        c.stageVersion(),
                        fingerprint,
                        c.precision(),
                        c.deviceKind(),
                        c.reused(),
                        c.loadMillis(),
                        c.runMillis(),
                        c.timings(),
                        c.limits());
        return report(
                item.work(), "p1", new WorkReport.Succeeded(computation, answer(item.request())));
    }

    public static WorkReport failure(WorkItem item, String process, FailureCode code) {
        return report(
                item.work(), process, new WorkReport.Failed(code, "because", null, null, false));
    }

    public static WorkReport lost(WorkItem item, @Nullable String lostWorkId) {
        return report(
                item.work(),
                "p1",
                new WorkReport.Failed(
                        FailureCode.INPUT_LOST, "a blob is gone", null, lostWorkId, false));
    }

    /** Every report has its own time, as reports of real workers do. */
    public static WorkReport report(WorkRef ref, String process, WorkReport.Body body) {
        return new WorkReport(
                ref, producer(process), NOW.plusNanos(1000L * CLOCK.incrementAndGet()), body);
    }

    private static final java.util.concurrent.atomic.AtomicLong CLOCK =
            new java.util.concurrent.atomic.AtomicLong();

    public static Computation computation() {
        return new Computation(
                "key", 1, "fingerprint", "fp32", "cpu", false, 0, 5, Map.of(), Map.of());
    }

    /** What a well-behaved worker answers. */
    public static StageResult answer(StageRequest request) {
        if (request instanceof PromptRequest r) {
            return new PromptResult(
                    "written: " + r.originalPrompt(),
                    r.config().mode(),
                    PromptResult.Source.MODEL,
                    3,
                    1,
                    null,
                    List.of(1, 2));
        }
        if (request instanceof CandidateRequest r) {
            return new CandidateResult(
                    r.seed(),
                    blob((r.pauseAfter() == null ? "video " : "preview ") + r.seed()),
                    96,
                    96,
                    9,
                    8,
                    8,
                    4,
                    1.0,
                    "euler",
                    5.0,
                    "libx264",
                    null,
                    r.pauseAfter());
        }
        if (request instanceof RankingRequest r) {
            var scores = r.candidates().stream().map(c -> score(c.seed())).toList();
            int last = r.candidates().size() - 1;
            CandidateVideo winner = r.candidates().get(last);
            return new RankingResult(
                    "ring",
                    "jewelry",
                    new RankingResult.SubjectMask(true, List.of(0.0, 0.0, 1.0, 1.0), 0.2, null),
                    scores,
                    new RankingResult.Winner(winner.seed(), last, "best"),
                    0.1,
                    null,
                    null,
                    r.keep() == null ? List.of() : latest(r, r.keep()));
        }
        if (request instanceof GradeRequest r) {
            return new GradeResult(
                    "B+", 0.8, false, Map.of(), "fine", r.preference().version(), List.of());
        }
        if (request instanceof AlignRequest r) {
            return aligned(r);
        }
        var r = (TuneRequest) request;
        return new TuneResult(
                r.version(),
                r.parent().version(),
                true,
                blob("model of " + r.pairs().size() + " after " + r.parent().version()),
                0.5,
                0.6,
                List.of(0.7, 0.6),
                Map.of("animal/temporal_flickering", 0.1),
                0.6,
                r.pairs().size());
    }

    public static PreferencePair pair(String id) {
        return new PreferencePair(
                id, "a cat", "animal", blob("cat"), blob("chosen " + id), blob("rejected " + id));
    }

    /** The later a candidate, the better. */
    private static List<Long> latest(RankingRequest request, int keep) {
        var seeds = new ArrayList<>(request.candidates().stream().map(c -> c.seed()).toList());
        Collections.reverse(seeds);
        return seeds.subList(0, Math.min(keep, seeds.size()));
    }

    private static RankingResult.CandidateScore score(long seed) {
        return new RankingResult.CandidateScore(seed, 0.9, 0.8, 0.9, 0.1, 0.5, 0.99, 0, 0, 0.8);
    }

    private static AlignResult aligned(AlignRequest request) {
        return new AlignResult(
                "wan",
                request.baseFingerprint(),
                Map.of("transformer", blob("adapter of " + request)),
                request.config(),
                request.parent(),
                blob("pairs"),
                8,
                2,
                100,
                Map.of("loss", 0.1),
                Map.of(),
                blob("events"),
                "drafts/key",
                AdapterState.ACCEPTED,
                "better",
                null);
    }
}
