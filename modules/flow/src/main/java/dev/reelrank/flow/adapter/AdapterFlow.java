package dev.reelrank.flow.adapter;

import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Effect.Note;
import dev.reelrank.flow.beside.AdapterHistory;
import dev.reelrank.flow.beside.BesideFlow;
import dev.reelrank.flow.beside.BesideState;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of adapters: a training that ends makes a version, users import and judge
 * them, and enough new pairs start a training.
 */
public final class AdapterFlow {
    private final BesideFlow beside;
    private final AutoAligns automatic;

    /**
     * @param automatic trainings that flow starts by itself
     */
    public AdapterFlow(BesideFlow beside, AutoAligns automatic) {
        this.beside = Objects.requireNonNull(beside, "beside is null");
        this.automatic = automatic;
    }

    /**
     * What follows from a report on a training.
     *
     * @param name of the adapter that it is about
     */
    public Decision<BesideState> after(String name, Decision<BesideState> decision, Instant now) {
        var state = decision.state();
        if (state == null) {
            return decision;
        }
        var effects = new ArrayList<>(decision.effects());
        for (var effect : decision.effects()) {
            if (effect instanceof Effect.Fact fact
                    && fact.fact().result() instanceof AlignResult result) {
                var updated = trained(state.adapters(), fact.fact(), result, now);
                state = state.with(state.adapters().with(updated));
                effects.add(new Effect.Adapter(updated));
            }
        }
        return train(name, new Decision<>(state, effects), now);
    }

    /** A training that found its result stored makes no second version of the same files. */
    private static AdapterUpdated trained(
            AdapterHistory known, StageFact fact, AlignResult result, Instant now) {
        var name = fact.work().sampleId();
        var ref =
                known.versions().stream()
                        .map(AdapterUpdated::adapter)
                        .filter(a -> a.files().equals(result.files()))
                        .findFirst()
                        .orElse(new AdapterRef(name, known.nextVersion(), result.files()));
        return new AdapterUpdated(
                ref,
                result.family(),
                result.baseFingerprint(),
                result.config(),
                result.parent() == null ? null : result.parent().id(),
                result.pairs(),
                result.figures(),
                result.curves(),
                result.events(),
                result.verdict(),
                result.reason(),
                result.report(),
                now);
    }

    /** A user brings an adapter from outside. */
    public Decision<BesideState> imported(
            @Nullable BesideState before, AdapterImported event, Instant now) {
        var state = before == null ? BesideState.EMPTY : before;
        var same =
                state.adapters().versions().stream()
                        .filter(v -> v.adapter().files().equals(event.files()))
                        .findFirst();
        if (same.isPresent()) {
            return Decision.nothing(
                    state,
                    Note.info("the files are those of " + same.get().adapter().id() + " already"));
        }
        return told(
                state,
                new AdapterUpdated(
                        new AdapterRef(event.name(), state.adapters().nextVersion(), event.files()),
                        event.family(),
                        event.baseFingerprint(),
                        null,
                        null,
                        null,
                        Map.of(),
                        Map.of(),
                        null,
                        event.accepted() ? AdapterState.ACCEPTED : AdapterState.CANDIDATE,
                        "imported by " + event.by(),
                        null,
                        now));
    }

    /** A comparison or a user says what a version is good for. */
    public Decision<BesideState> judged(
            @Nullable BesideState before, AdapterJudged event, Instant now) {
        var state = before == null ? BesideState.EMPTY : before;
        var version = state.adapters().version(event.version());
        if (version.isEmpty()) {
            return Decision.nothing(
                    state,
                    Note.warning(
                            "%s judged %s@%d, which does not exist"
                                    .formatted(event.by(), event.name(), event.version())));
        }
        return told(state, version.get().with(event.state(), event.reason(), event.report(), now));
    }

    private static Decision<BesideState> told(BesideState state, AdapterUpdated latest) {
        return new Decision<>(
                state.with(state.adapters().with(latest)), List.of(new Effect.Adapter(latest)));
    }

    /** A pair to learn from, drawn from facts. */
    public Decision<BesideState> drawn(@Nullable BesideState before, PairDrawn event, Instant now) {
        var state = before == null ? BesideState.EMPTY : before;
        var pair = event.pair();
        if (state.adapters().known().contains(pair.id())) {
            return Decision.nothing(state, Note.info("pair " + pair.id() + " was drawn before"));
        }
        // Of two opposite opinions the later one counts; a training would refuse both together.
        var next = state.with(state.adapters().withoutOpposite(pair).with(pair));
        return train(event.name(), new Decision<>(next, List.of()), now);
    }

    /** Starts a training when there are enough new pairs and none is open. */
    private Decision<BesideState> train(String name, Decision<BesideState> decision, Instant now) {
        var auto = automatic.of(name).orElse(null);
        var state = Objects.requireNonNull(decision.state());
        var fresh = state.adapters().fresh();
        if (auto == null || fresh.size() < auto.every() || !state.open().isEmpty()) {
            return decision;
        }
        // All pairs of a training show one base; a change of the base begins a new group.
        var base = fresh.get(fresh.size() - 1).baseFingerprint();
        var pairs = fresh.stream().filter(p -> p.baseFingerprint().equals(base)).toList();
        if (pairs.size() < auto.every()) {
            return decision;
        }
        // The model that judges learns from videos of any generator.
        boolean ofGenerator = !AlignConfig.JUDGE.equals(auto.config().model());
        String family = ofGenerator ? pairs.get(0).family() : AlignConfig.JUDGE_FAMILY;
        var parent =
                parent(state.adapters(), family, ofGenerator ? base : null, auto.config())
                        .orElse(null);
        var request =
                new AlignRequest(
                        auto.name(),
                        ofGenerator ? family : "",
                        ofGenerator ? base : "",
                        parent == null ? null : parent.adapter(),
                        null,
                        List.of(),
                        pairs,
                        auto.config(),
                        parent == null ? null : parent.family());
        var asked = WorkRequested.training(request, 0, "flow", now);
        var opened = beside.requested(state.with(state.adapters().withoutFresh()), asked, now);
        var effects = new ArrayList<>(decision.effects());
        effects.add(
                Note.info(
                        "%d new pairs for the adapter %s: a training begins"
                                .formatted(pairs.size(), auto.name())));
        effects.addAll(opened.effects());
        return new Decision<>(opened.state(), effects);
    }

    /**
     * The newest accepted version of this family, base and shape, that training goes on from.
     *
     * @param family empty where the pairs do not say it
     * @param base null where the pairs do not say it: the trainer knows its judge
     */
    private static Optional<AdapterUpdated> parent(
            AdapterHistory known, String family, @Nullable String base, AlignConfig config) {
        AdapterUpdated newest = null;
        for (var version : known.versions()) {
            var made = version.configuration();
            if (version.state() == AdapterState.ACCEPTED
                    && (family.isEmpty() || version.family().equals(family))
                    && (base == null || version.baseFingerprint().equals(base))
                    && made != null
                    && made.rank() == config.rank()
                    && made.alpha() == config.alpha()
                    && made.networks().equals(config.networks())
                    && made.targets().equals(config.targets())) {
                newest = version;
            }
        }
        return Optional.ofNullable(newest);
    }
}
