package dev.reelrank.cli;

import dev.reelrank.alignment.pairs.JudgedSample;
import dev.reelrank.alignment.pairs.JudgedVideo;
import dev.reelrank.alignment.pairs.Preference;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What the facts of runs say about their samples, as pairs are drawn from it. */
final class JudgedSamples {
    private JudgedSamples() {}

    /**
     * The samples of runs that have candidates, in the order of the runs.
     *
     * @param measured what is measured on a candidate's video beside what its ranking recorded
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for a run that does not exist
     */
    static List<JudgedSample> of(
            Session session, List<String> runs, Function<BlobRef, Map<String, Double>> measured) {
        var preferences = preferences(session);
        var samples = new ArrayList<JudgedSample>();
        for (String run : runs) {
            for (SampleView view : RunReading.one(session, run).samples().values()) {
                view.sample()
                        .ifPresent(
                                fact ->
                                        samples.addAll(
                                                judged(
                                                        run,
                                                        view,
                                                        fact,
                                                        videos(view, measured),
                                                        preferences)));
            }
        }
        return samples;
    }

    /** One of each model that made candidates: a pair is of one model. */
    private static List<JudgedSample> judged(
            String run,
            SampleView view,
            SampleFact fact,
            List<JudgedVideo> videos,
            Map<String, List<Preference>> preferences) {
        var candidate = fact.configuration().candidate();
        var models = new LinkedHashMap<String, List<JudgedVideo>>();
        models.put(candidate.modelOf(candidate.seeds().get(0)), new ArrayList<>());
        for (var video : videos) {
            models.computeIfAbsent(candidate.modelOf(video.seed()), m -> new ArrayList<>())
                    .add(video);
        }
        return models.values().stream()
                .map(
                        own -> {
                            long seed =
                                    own.isEmpty() ? candidate.seeds().get(0) : own.get(0).seed();
                            return new JudgedSample(
                                    run,
                                    view.sampleId(),
                                    view.prompt()
                                            .map(PromptResult::prompt)
                                            .orElse(fact.originalPrompt()),
                                    fact.image(),
                                    family(view, seed),
                                    base(view, seed),
                                    candidate.models().isEmpty()
                                            ? candidate
                                            : candidate.withSeed(seed),
                                    own,
                                    preferences.getOrDefault(
                                            run + "/" + view.sampleId(), List.of()));
                        })
                .toList();
    }

    private static String family(SampleView view, long seed) {
        return used(view, seed).map(GeneratorUse::family).orElse("");
    }

    private static String base(SampleView view, long seed) {
        return used(view, seed).map(GeneratorUse::baseFingerprint).orElse("");
    }

    /** What made a candidate, or another one of its model. */
    private static Optional<GeneratorUse> used(SampleView view, long seed) {
        return view.candidates().stream()
                .filter(c -> view.modelOf(c.seed()).equals(view.modelOf(seed)))
                .map(CandidateResult::used)
                .filter(used -> used != null)
                .findFirst();
    }

    private static List<JudgedVideo> videos(
            SampleView view, Function<BlobRef, Map<String, Double>> measured) {
        Map<Long, Map<String, Double>> scores = new HashMap<>();
        view.ranking()
                .ifPresent(
                        ranking ->
                                ranking.candidates()
                                        .forEach(c -> scores.put(c.seed(), metrics(c))));
        return view.candidates().stream()
                .map(
                        candidate -> {
                            var all =
                                    new HashMap<>(scores.getOrDefault(candidate.seed(), Map.of()));
                            // Measured on the video: the ranking's motion is another figure.
                            all.putAll(measured.apply(candidate.video()));
                            return new JudgedVideo(candidate.seed(), candidate.video(), all);
                        })
                .toList();
    }

    /** By the names of the ranking's own record. */
    private static Map<String, Double> metrics(CandidateScore score) {
        var metrics = new LinkedHashMap<String, Double>();
        metrics.put("composite", score.composite());
        metrics.put("maskedIdentity", score.maskedIdentity());
        metrics.put("minIdentity", score.minIdentity());
        metrics.put("fullIdentity", score.fullIdentity());
        metrics.put("patchConcentration", score.patchConcentration());
        metrics.put("patchConcentrationNormalized", score.patchConcentrationNormalized());
        metrics.put("temporalConsistency", score.temporalConsistency());
        metrics.put("brightnessDrift", score.brightnessDrift());
        metrics.put("duplicateSubject", score.duplicateSubject());
        if (score.motion() != null) {
            metrics.put("motion", score.motion());
        }
        for (GeometryScore geometry : score.geometry()) {
            if (geometry.score() != null) {
                metrics.put(geometry.metric(), geometry.score());
            }
        }
        return metrics;
    }

    private static Map<String, List<Preference>> preferences(Session session) {
        var found = new HashMap<String, List<Preference>>();
        try (var reader = session.reader(List.of(session.topics().selections()))) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof SelectionMade made) {
                            found.computeIfAbsent(
                                            made.runId() + "/" + made.sampleId(),
                                            key -> new ArrayList<>())
                                    .add(
                                            new Preference(
                                                    made.pair().selectionId(),
                                                    made.chosenSeed(),
                                                    made.rejectedSeed()));
                        }
                    });
        }
        return found;
    }
}
