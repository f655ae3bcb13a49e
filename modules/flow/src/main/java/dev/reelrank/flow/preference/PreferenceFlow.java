package dev.reelrank.flow.preference;

import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Effect.Note;
import dev.reelrank.flow.work.Verdict;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.TuneRequest;
import dev.reelrank.pipeline.stage.TuneResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the preference model is trained and which version is in force. At most one training
 * is outstanding.
 */
public final class PreferenceFlow {
    /** The run that trainings are filed under; no run of samples can have this name's key. */
    public static final String RUN = "preferences";

    private final WorkJudge judge;
    private final int tuneEvery;
    private final TuneConfig config;
    private final List<AutoAlign> learning;

    /**
     * @param tuneEvery number of new selections that starts a training, at least 1
     * @param auto those of adapters that learn from selections draw pairs of them
     */
    public PreferenceFlow(WorkJudge judge, int tuneEvery, TuneConfig config, AutoAligns auto) {
        if (tuneEvery < 1) {
            throw new IllegalArgumentException("tuneEvery must be at least 1, was " + tuneEvery);
        }
        this.judge = Objects.requireNonNull(judge, "judge is null");
        this.tuneEvery = tuneEvery;
        this.config = Objects.requireNonNull(config, "config is null");
        this.learning = auto.from(AutoAlign.SELECTIONS);
    }

    /** A user preferred one video to another. */
    public Decision<PreferenceState> selected(
            @Nullable PreferenceState state, SelectionMade event, Instant now) {
        var known = orEmpty(state);
        var pair = event.pair();
        if (known.pairs().stream().anyMatch(p -> p.selectionId().equals(pair.selectionId()))) {
            return Decision.nothing(
                    known, Note.info("selection " + pair.selectionId() + " came twice"));
        }
        var next = known.with(pair);
        var effects = new ArrayList<Effect>();
        int dropped = known.pairs().size() + 1 - next.pairs().size();
        if (dropped > 0) {
            effects.add(
                    Note.warning(
                            "the oldest %d selections are no longer learned from: together they were too large"
                                    .formatted(dropped)));
        }
        if (event.facts() != null) {
            for (var auto : learning) {
                effects.add(new Effect.Pair(new PairDrawn(auto.name(), event.facts(), now)));
            }
        }
        return next.fresh() >= tuneEvery && next.tuning() == null
                ? tune(next, now, effects)
                : new Decision<>(next, effects);
    }

    /** A user requests a training now. */
    public Decision<PreferenceState> requested(
            @Nullable PreferenceState state, TuneRequested event, Instant now) {
        var known = orEmpty(state);
        if (known.pairs().isEmpty()) {
            return Decision.nothing(
                    known,
                    Note.warning(
                            "%s requested a training, but there are no selections to learn from; record some with 'select'"
                                    .formatted(event.by())));
        }
        if (known.tuning() != null) {
            return Decision.nothing(
                    known.withWanted(true),
                    Note.info("a training is in progress; another one follows"));
        }
        return tune(known, now, new ArrayList<>());
    }

    /** A user wants an earlier version back. Flow no longer waits for an outstanding training. */
    public Decision<PreferenceState> reset(
            @Nullable PreferenceState state, TuneReset event, Instant now) {
        var known = orEmpty(state);
        var version = known.versions().get(event.version());
        if (version == null) {
            return Decision.nothing(
                    known,
                    Note.warning(
                            "%s requested version %d of the preference model; there are %s"
                                    .formatted(
                                            event.by(),
                                            event.version(),
                                            known.versions().keySet())));
        }
        var before = known.standards();
        var learned =
                before == null || event.version() == 0
                        ? new QualityStandards(version, Map.of(), 0, List.of(), 0, now)
                        : new QualityStandards(
                                version,
                                before.patterns(),
                                before.confidence(),
                                before.lossTrend(),
                                before.selections(),
                                now);
        return new Decision<>(
                known.withStandards(known.versions(), learned).withTuning(null).withWanted(false),
                List.of(
                        new Effect.Standards(learned),
                        Note.info(
                                "the preference model is back at version %d, requested by %s"
                                        .formatted(event.version(), event.by()))));
    }

    /** The worker that trains reports. */
    public Decision<PreferenceState> reported(
            @Nullable PreferenceState state, WorkReport report, Instant now) {
        var known = orEmpty(state);
        var work = known.tuning();
        if (work == null || !work.ref().workId().equals(report.work().workId())) {
            return Decision.nothing(
                    known,
                    Note.info(
                            "training "
                                    + report.work().workId()
                                    + " ignored: flow does not wait for it"));
        }
        var verdict = judge.judge(work, report);
        if (verdict instanceof Verdict.Noted noted) {
            return new Decision<>(known.withTuning(noted.work()), List.of());
        }
        if (verdict instanceof Verdict.Again again) {
            return again(known, again.work(), "the training is emitted again: " + again.why(), now);
        }
        if (verdict instanceof Verdict.Dead dead) {
            return dead(known, dead.work(), dead.code(), dead.message(), dead.cause(), now);
        }
        if (verdict instanceof Verdict.InputLost lost) {
            // Videos of other runs cannot be made again from here.
            return dead(
                    known, lost.work(), FailureCode.INPUT_LOST, lost.message(), lost.cause(), now);
        }
        if (verdict instanceof Verdict.Won won
                && won.success().result() instanceof TuneResult result) {
            return learned(known, work, report, won.success(), result, now);
        }
        return Decision.nothing(known, Note.info("report on the training ignored: " + verdict));
    }

    /** Puts the outstanding training on its queue again, which no longer holds it. */
    public Decision<PreferenceState> vanished(PreferenceState state, Instant now) {
        var work = state.tuning();
        return work == null
                ? new Decision<>(state, List.of())
                : again(
                        state,
                        work,
                        "the training disappeared from its queue without an outcome: emitted again",
                        now);
    }

    private static Decision<PreferenceState> again(
            PreferenceState state, WorkState work, String why, Instant now) {
        var emitted = work.emittedAgain(now);
        return new Decision<>(
                state.withTuning(emitted),
                List.of(Note.warning(why), new Effect.Work(emitted.item())));
    }

    private Decision<PreferenceState> tune(
            PreferenceState state, Instant now, List<Effect> effects) {
        var parent = state.current();
        long version = state.nextVersion();
        var ids =
                state.pairs().stream()
                        .map(PreferencePair::selectionId)
                        .collect(Collectors.joining("\n"));
        var workId = Sha256.of("tune/" + parent.version() + "/" + ids).substring(0, 32);
        // Training twice on the same pairs from the same parent is a new epoch of the same work.
        var ref =
                new WorkRef(
                        workId, RUN, "tune-" + workId.substring(0, 12), StageName.TUNE, null, 0);
        var work =
                WorkState.waiting(ref)
                        .opened(
                                state.trainings(),
                                new TuneRequest(version, parent, state.pairs(), config),
                                now);
        effects.add(new Effect.Work(work.item()));
        return new Decision<>(state.withTraining(work), effects);
    }

    private Decision<PreferenceState> learned(
            PreferenceState state,
            WorkState work,
            WorkReport report,
            WorkReport.Succeeded success,
            TuneResult result,
            Instant now) {
        var parent = state.current();
        var version =
                result.kept() ? new PreferenceVersion(result.version(), result.model()) : parent;
        var versions = new TreeMap<>(state.versions());
        versions.put(version.version(), version);
        var trend =
                new ArrayList<>(
                        state.standards() == null
                                ? List.<Double>of()
                                : state.standards().lossTrend());
        if (!result.lossTrend().isEmpty()) {
            trend.add(result.lossTrend().get(result.lossTrend().size() - 1));
        }
        var learned =
                new QualityStandards(
                        version,
                        result.patterns(),
                        result.confidence(),
                        trend,
                        result.pairs(),
                        now);
        var effects = new ArrayList<Effect>();
        effects.add(
                new Effect.Fact(
                        new StageFact(
                                work.ref(),
                                report.producer(),
                                success.computation(),
                                result,
                                null,
                                now)));
        effects.add(new Effect.Standards(learned));
        return next(state.withStandards(versions, learned).withTuning(null), now, effects);
    }

    private Decision<PreferenceState> dead(
            PreferenceState state,
            WorkState work,
            FailureCode code,
            String message,
            @Nullable String cause,
            Instant now) {
        var effects = new ArrayList<Effect>();
        effects.add(Note.warning("the training failed for good: " + code + ": " + message));
        effects.add(new Effect.Dead(StageName.TUNE, work.deadLetter(code, message, cause, now)));
        return next(state.withTuning(null), now, effects);
    }

    private Decision<PreferenceState> next(
            PreferenceState state, Instant now, List<Effect> effects) {
        return state.wanted() || state.fresh() >= tuneEvery
                ? tune(state, now, effects)
                : new Decision<>(state, effects);
    }

    private static PreferenceState orEmpty(@Nullable PreferenceState state) {
        return state == null ? PreferenceState.EMPTY : state;
    }
}
