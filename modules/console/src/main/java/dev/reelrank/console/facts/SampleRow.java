package dev.reelrank.console.facts;

import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.RankingResult;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One sample of a run, as lists show it.
 *
 * @param status waiting, running, done, partial or failed
 * @param prompt as the user wrote it, empty before the sample is known
 * @param seed of the winner, null before there is one
 * @param composite of the winner, −1..1
 * @param score of the grade, 0..1
 * @param evidence scores of the grade's evidence by name, 0..1
 * @param candidates that exist
 * @param expected number of candidates
 * @param image the reference image
 * @param video the winner's, or the first candidate's while there is no winner
 * @param computeMillis time on devices, without what was found in the store
 */
public record SampleRow(
        String sampleId,
        String status,
        String prompt,
        @Nullable String subject,
        @Nullable Long seed,
        @Nullable Double composite,
        @Nullable String grade,
        @Nullable Double score,
        Map<String, Double> evidence,
        int candidates,
        int expected,
        @Nullable BlobRef image,
        @Nullable BlobRef video,
        List<SampleFailure> failures,
        long computeMillis) {

    static SampleRow of(SampleView view) {
        var ranking = view.ranking();
        List<CandidateResult> candidates = view.candidates();
        var first = candidates.isEmpty() ? null : candidates.get(0).video();
        return new SampleRow(
                view.sampleId(),
                status(view),
                view.sample().map(s -> s.originalPrompt()).orElse(""),
                ranking.map(RankingResult::subject).orElse(null),
                ranking.map(r -> r.winner().seed()).orElse(null),
                ranking.map(r -> r.candidates().get(r.winner().index()).composite()).orElse(null),
                view.grade().map(GradeResult::grade).orElse(null),
                view.grade().map(GradeResult::score).orElse(null),
                view.grade().map(SampleRow::evidence).orElse(Map.of()),
                candidates.size(),
                view.sample().map(s -> s.configuration().candidate().finished()).orElse(0),
                view.sample().map(s -> s.image()).orElse(null),
                view.winner().map(CandidateResult::video).orElse(first),
                view.update().map(SampleUpdated::failures).orElse(List.of()),
                view.facts().stream()
                        .filter(StageFact::computedHere)
                        .mapToLong(f -> f.computation().runMillis())
                        .sum());
    }

    private static Map<String, Double> evidence(GradeResult grade) {
        var scores = new HashMap<String, Double>();
        grade.evidence()
                .forEach(
                        (name, evidence) -> {
                            if (evidence.score() != null) {
                                scores.put(name, evidence.score());
                            }
                        });
        return Map.copyOf(scores);
    }

    private static String status(SampleView view) {
        if (view.update().isEmpty()) {
            return "waiting";
        }
        SampleUpdated update = view.update().get();
        return update.status() == SampleUpdated.Status.DONE && update.partial()
                ? "partial"
                : update.status().name().toLowerCase(Locale.ROOT);
    }
}
