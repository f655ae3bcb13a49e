package dev.reelrank.console;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.stage.RankingResult.SubjectMask;
import dev.reelrank.pipeline.stage.RankingResult.Winner;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.Stages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The facts of a small run, as flow would have written them. */
public final class Example {
    public static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    public static final List<Long> SEEDS = RunConfiguration.defaults().candidate().seeds();

    private Example() {}

    public static BlobRef blob(String name, String mediaType) {
        String hash = Sha256.of(name);
        return new BlobRef("store:blobs/" + hash, hash, 100, mediaType);
    }

    public static BlobRef video(String sample, long seed) {
        return blob(sample + seed, "video/mp4");
    }

    /** A run that has ended, with all its samples done. */
    public static List<Event> run(String run, List<String> samples) {
        return run(run, samples, blob("image", "image/png"), Example::video);
    }

    /** Which video a seed of a sample has. */
    public interface Videos {
        BlobRef of(String sample, long seed);
    }

    public static List<Event> run(String run, List<String> samples, BlobRef image, Videos videos) {
        var events = new ArrayList<Event>();
        for (String sample : samples) {
            events.add(submitted(run, sample, image));
            events.addAll(facts(run, sample, seed -> videos.of(sample, seed)));
            events.add(
                    new SampleUpdated(
                            run,
                            sample,
                            SampleUpdated.Status.DONE,
                            false,
                            0,
                            StageName.GRADE,
                            List.of(),
                            START.plusSeconds(60)));
        }
        events.add(run(run, RunUpdated.Status.DONE, samples.size(), samples.size(), 0));
        return events;
    }

    private static List<Event> facts(String run, String sample, LongFunction<BlobRef> videos) {
        var events = new ArrayList<Event>();
        events.add(
                fact(
                        run,
                        sample,
                        StageName.PROMPT,
                        null,
                        new PromptResult(
                                "a " + sample + " slowly turns",
                                "simplify-v2",
                                PromptResult.Source.MODEL,
                                4,
                                1,
                                null,
                                List.of())));
        var scores = new ArrayList<CandidateScore>();
        for (long seed : SEEDS) {
            events.add(
                    fact(
                            run,
                            sample,
                            StageName.CANDIDATE,
                            seed,
                            new CandidateResult(
                                    seed,
                                    videos.apply(seed),
                                    32,
                                    32,
                                    9,
                                    8,
                                    4,
                                    null,
                                    1,
                                    "euler",
                                    5.0,
                                    "libx264",
                                    null)));
            double composite = 0.5 + 0.1 * scores.size();
            scores.add(
                    new CandidateScore(
                            seed, composite, 0.4, 0.5, 0.3, 0.3, 0.9, 0.01, 0, composite));
        }
        int best = SEEDS.size() - 1;
        events.add(
                fact(
                        run,
                        sample,
                        StageName.RANKING,
                        null,
                        new RankingResult(
                                "ring",
                                "jewelry",
                                new SubjectMask(true, List.of(1.0, 2.0, 20.0, 22.0), 0.3, null),
                                scores,
                                new Winner(SEEDS.get(best), best, "it keeps the ring best"),
                                0.1 * best,
                                null,
                                null)));
        events.add(
                fact(
                        run,
                        sample,
                        StageName.GRADE,
                        null,
                        new GradeResult(
                                "B+",
                                0.71,
                                false,
                                Map.of(
                                        "semantic",
                                        new GradeResult.Evidence(
                                                0.8, 0.5, true, "{\"questions\": 2}")),
                                "good movement",
                                0,
                                List.of())));
        return events;
    }

    public static StageFact fact(
            String run, String sample, StageName stage, @Nullable Long seed, StageResult result) {
        return new StageFact(
                new WorkRef(
                        Sha256.of(run + sample + stage.id() + seed), run, sample, stage, seed, 0),
                new Producer("worker-1", "1@1", "host", "cpu", "cpu"),
                new Computation(
                        "key", 1, "weights", "fp32", "cpu", false, 10, 2_000, Map.of(), Map.of()),
                result,
                null,
                START.plusSeconds(30));
    }

    /** A sample of a run that failed while its candidates were generated. */
    public static List<Event> failed(String run, String sample, BlobRef image) {
        var failure =
                new SampleFailure(
                        StageName.CANDIDATE,
                        SEEDS.get(0),
                        Sha256.of(run + sample),
                        0,
                        FailureCode.OUT_OF_DEVICE_MEMORY,
                        "the video does not fit into 4 GiB; choose a smaller size");
        return List.of(
                submitted(run, sample, image),
                new SampleUpdated(
                        run,
                        sample,
                        SampleUpdated.Status.FAILED,
                        false,
                        0,
                        StageName.CANDIDATE,
                        List.of(failure),
                        START.plusSeconds(60)),
                DeadLetter.of(
                        new WorkRef(
                                failure.workId(),
                                run,
                                sample,
                                StageName.CANDIDATE,
                                SEEDS.get(0),
                                0),
                        failure.code(),
                        failure.message(),
                        null,
                        3,
                        List.of("1@1"),
                        null,
                        START.plusSeconds(59)));
    }

    /** How far a run is. */
    public static RunUpdated run(
            String run, RunUpdated.Status status, int of, int done, int failed) {
        return new RunUpdated(
                run,
                status,
                of,
                done,
                failed,
                0,
                RunConfiguration.defaults(),
                null,
                START,
                START.plusSeconds(3600),
                List.of("submission"));
    }

    /** The fact that a sample belongs to a run. */
    public static SampleFact submitted(String run, String sample, BlobRef image) {
        return new SampleFact(
                run,
                sample,
                "submission",
                "the " + sample + " <b>turns</b>",
                image,
                null,
                null,
                RunConfiguration.defaults(),
                null,
                START);
    }

    /** The same facts, as if all candidates but the last were compared early and not finished. */
    public static List<Event> pruned(List<Event> events) {
        long kept = SEEDS.get(SEEDS.size() - 1);
        var all = new ArrayList<Event>();
        for (Event event : events) {
            if (!(event instanceof StageFact f) || f.result() instanceof PromptResult) {
                all.add(event);
            } else if (f.result() instanceof CandidateResult c) {
                all.add(draft(f, c));
                if (c.seed() == kept) {
                    all.add(f);
                }
            } else if (f.result() instanceof RankingResult r) {
                all.add(
                        part(
                                f,
                                new RankingResult(
                                        r.subject(),
                                        r.subjectGroup(),
                                        r.mask(),
                                        r.candidates(),
                                        r.winner(),
                                        r.spread(),
                                        null,
                                        null,
                                        List.of(kept))));
                all.add(f);
            } else {
                all.add(f);
            }
        }
        return all;
    }

    private static StageFact draft(StageFact f, CandidateResult c) {
        return part(
                f,
                new CandidateResult(
                        c.seed(),
                        c.video(),
                        c.width(),
                        c.height(),
                        4,
                        2,
                        2,
                        null,
                        c.guidance(),
                        c.scheduler(),
                        c.shift(),
                        c.codec(),
                        null,
                        2));
    }

    private static StageFact part(StageFact whole, StageResult result) {
        WorkRef w = whole.work();
        return new StageFact(
                new WorkRef(
                        Sha256.of(w.workId() + "/part"),
                        w.runId(),
                        w.sampleId(),
                        w.stage(),
                        w.seed(),
                        0),
                whole.producer(),
                whole.computation(),
                result,
                null,
                whole.at());
    }

    /** The same facts, with what the rankings found in each frame. */
    public static List<Event> withDetails(List<Event> events, BlobRef details) {
        return events.stream()
                .map(
                        e ->
                                e instanceof StageFact f && f.result() instanceof RankingResult r
                                        ? fact(
                                                f.work().runId(),
                                                f.work().sampleId(),
                                                StageName.RANKING,
                                                null,
                                                new RankingResult(
                                                        r.subject(),
                                                        r.subjectGroup(),
                                                        r.mask(),
                                                        r.candidates(),
                                                        r.winner(),
                                                        r.spread(),
                                                        r.contactSheet(),
                                                        details))
                                        : e)
                .toList();
    }

    /** A training that is under way, and the adapter of an earlier one. */
    public static List<Event> training(BlobRef picture) {
        var events = new ArrayList<Event>();
        var work =
                new WorkRef(
                        Sha256.of("training"),
                        Stages.ADAPTERS_RUN,
                        "smooth",
                        StageName.ALIGN,
                        null,
                        0);
        for (int step = 1; step <= 40; step++) {
            events.add(
                    new ProgressReported(
                            work,
                            new Producer("trainer-1", "1@1", "host", "cpu", "cpu"),
                            step,
                            60,
                            Map.of(
                                    "loss",
                                    0.69 - 0.008 * step + 0.02 * (step % 3),
                                    "winnerReward",
                                    0.01 * step,
                                    "loserReward",
                                    -0.012 * step,
                                    "accuracy",
                                    Math.min(1, 0.5 + 0.012 * step)),
                            START.plusSeconds(step)));
        }
        events.add(
                new AdapterUpdated(
                        new AdapterRef(
                                "smooth",
                                1,
                                Map.of("transformer", blob("adapter", "application/octet-stream"))),
                        "wan",
                        "",
                        null,
                        null,
                        null,
                        Map.of(
                                "loss", 0.41,
                                "accuracy", 0.93,
                                "base.warping_error", 0.0213,
                                "adapter.warping_error", 0.0187,
                                "base.motion", 1.42,
                                "adapter.motion", 1.39),
                        Map.of("loss", picture, "accuracy", picture),
                        null,
                        AdapterState.ACCEPTED,
                        "It lowers the warping error by 12 % and keeps the motion.",
                        null,
                        START));
        return events;
    }
}
