package dev.reelrank.client;

import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.stage.AdapterState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what is known about adapters, and finds those that a configuration names. */
public final class AdapterReading {
    private static final Pattern REFERENCE =
            Pattern.compile(
                    "(?<name>[A-Za-z0-9][A-Za-z0-9._-]{0,127})(@(?<version>\\d{1,18}|accepted))?");

    private AdapterReading() {}

    /** The latest word on every version, by name and then by version. */
    public static List<AdapterUpdated> all(Session session) {
        var latest = new TreeMap<String, AdapterUpdated>();
        try (var reader = session.reader(List.of(session.topics().adapters()))) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof AdapterUpdated adapter) {
                            latest.put(adapter.adapter().id(), adapter);
                        }
                    });
        }
        var all = new ArrayList<>(latest.values());
        all.sort(
                Comparator.comparing((AdapterUpdated a) -> a.adapter().name())
                        .thenComparingLong(a -> a.adapter().version()));
        return all;
    }

    /**
     * One version.
     *
     * @param reference {@code NAME@VERSION}; {@code NAME@accepted} and {@code NAME} are the newest
     *     accepted one
     * @throws StageException INVALID_CONFIG if there is none; the message names those there are
     */
    public static AdapterUpdated one(Collection<AdapterUpdated> known, String reference) {
        var match = REFERENCE.matcher(reference);
        if (!match.matches()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "'%s' names no adapter; use NAME@VERSION or NAME@accepted, for example smooth@3"
                            .formatted(reference));
        }
        String version = match.group("version");
        var named =
                known.stream().filter(a -> a.adapter().name().equals(match.group("name"))).toList();
        Optional<AdapterUpdated> found =
                version == null || version.equals("accepted")
                        ? named.stream()
                                .filter(a -> a.state() == AdapterState.ACCEPTED)
                                .max(Comparator.comparingLong(a -> a.adapter().version()))
                        : named.stream()
                                .filter(a -> a.adapter().version() == Long.parseLong(version))
                                .findFirst();
        return found.orElseThrow(() -> missing(known, named, reference));
    }

    private static StageException missing(
            Collection<AdapterUpdated> known, List<AdapterUpdated> named, String reference) {
        var there = named.isEmpty() ? known : named;
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "there is no adapter '%s'; %s"
                        .formatted(
                                reference,
                                there.isEmpty()
                                        ? "this farm has none yet: train one with 'reelrank align'"
                                        : "there are "
                                                + there.stream()
                                                        .map(
                                                                a ->
                                                                        a.adapter().id()
                                                                                + " ("
                                                                                + word(a.state())
                                                                                + ")")
                                                        .toList()));
    }

    /** A state in the words of people. */
    public static String word(AdapterState state) {
        return state.name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * A configuration whose adapters are found: their version and files stand in it, so that what
     * is generated no longer depends on what the farm learns later.
     *
     * @throws StageException INVALID_CONFIG naming an adapter that does not exist
     */
    public static RunConfiguration resolved(Session session, RunConfiguration configuration) {
        var loras = resolved(session, configuration.candidate().loras());
        CandidateConfig candidate = configuration.candidate();
        GradeConfig grade = judged(session, configuration.grade());
        return (loras == null || loras.equals(candidate.loras()))
                        && grade.equals(configuration.grade())
                ? configuration
                : configuration.with(candidate.withLoras(loras), grade);
    }

    /** The same for the adapter of the vision-language model that judges. */
    private static GradeConfig judged(Session session, GradeConfig grade) {
        var asked = grade.preference();
        String name = asked.adapter();
        return name == null || !asked.files().isEmpty()
                ? grade
                : grade.withPreference(judge(all(session), asked.model(), name));
    }

    static GradeConfig.Preference judge(
            Collection<AdapterUpdated> known, String model, String name) {
        var adapter = one(known, name.substring(Lora.ADAPTER.length()));
        if (!adapter.family().equals(AlignConfig.JUDGE_FAMILY)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "grade.preference.adapter: %s changes a model of family %s, not the vision-language model (%s)"
                            .formatted(
                                    adapter.adapter().id(),
                                    adapter.family(),
                                    AlignConfig.JUDGE_FAMILY));
        }
        return new GradeConfig.Preference(
                model,
                Lora.ADAPTER + adapter.adapter().id(),
                adapter.adapter().files(),
                adapter.baseFingerprint().isEmpty() ? null : adapter.baseFingerprint());
    }

    /**
     * The same for a run that may exist: what {@code @accepted} meant when it began, it means for
     * what is sent later too.
     *
     * @param before the run as the facts have it now
     */
    public static RunConfiguration resolved(
            Session session, RunConfiguration configuration, RunView before) {
        var known = before.run().map(run -> run.configuration().candidate().loras()).orElse(null);
        var asked = configuration.candidate().loras();
        if (known == null || asked == null || known.size() != asked.size()) {
            return resolved(session, configuration);
        }
        var loras = new ArrayList<Lora>();
        for (int i = 0; i < asked.size(); i++) {
            loras.add(meant(asked.get(i), known.get(i)) ? known.get(i) : asked.get(i));
        }
        return resolved(
                session,
                configuration.with(
                        configuration.candidate().withLoras(loras), configuration.grade()));
    }

    /** Whether a version is one that a name without a number could mean. */
    private static boolean meant(Lora asked, Lora known) {
        return open(asked)
                && known.ofFarm()
                && asked.strength() == known.strength()
                && (known.name().equals(asked.name())
                        || (!asked.name().matches(".*@\\d+") && bare(known).equals(bare(asked))));
    }

    private static String bare(Lora lora) {
        return lora.name().replaceFirst("@.*$", "");
    }

    /** The same for LoRAs alone; null for those of the model's own defaults. */
    public static @Nullable List<Lora> resolved(Session session, @Nullable List<Lora> loras) {
        if (loras == null || loras.stream().noneMatch(AdapterReading::open)) {
            return loras;
        }
        var known = all(session);
        return loras.stream().map(lora -> open(lora) ? found(known, lora) : lora).toList();
    }

    private static boolean open(Lora lora) {
        return lora.ofFarm() && lora.files().isEmpty();
    }

    private static Lora found(List<AdapterUpdated> known, Lora lora) {
        var adapter = one(known, lora.name().substring(Lora.ADAPTER.length()));
        return new Lora(
                Lora.ADAPTER + adapter.adapter().id(),
                lora.strength(),
                adapter.adapter().files(),
                adapter.baseFingerprint().isEmpty() ? null : adapter.baseFingerprint(),
                adapter.family());
    }
}
