package dev.reelrank.reranker;

import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.pipeline.stage.RankingResult.SubjectMask;
import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.reranker.report.RankingReport;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code rank --json} prints.
 *
 * @param subject the phrase that was looked for, null if the prompts name nothing
 * @param subjectGroup jewelry, animal, device, food, person or other
 * @param mask whether the subject's mask was used, its box in the reference, or why not
 * @param candidates in the order of the command line
 * @param winner index into candidates
 * @param spread max − min of the composites
 * @param timings milliseconds by part
 */
record RankJson(
        @Nullable String subject,
        String subjectGroup,
        SubjectMask mask,
        List<CandidateJson> candidates,
        WinnerJson winner,
        double spread,
        Map<String, Long> timings) {

    record CandidateJson(
            String video,
            double maskedIdentity,
            double minIdentity,
            double fullIdentity,
            double patchConcentration,
            double patchConcentrationNormalized,
            double temporalConsistency,
            double brightnessDrift,
            double duplicateSubject,
            double composite,
            @Nullable Double motion,
            List<GeometryScore> geometry) {}

    record WinnerJson(int index, String video, String reason) {}

    /**
     * @param videos as they stand on the command line, in the report's order
     */
    static RankJson of(RankingReport report, List<String> videos) {
        var candidates =
                IntStream.range(0, videos.size())
                        .mapToObj(i -> candidate(videos.get(i), report.candidates().get(i)))
                        .toList();
        int winner = report.choice().index();
        return new RankJson(
                report.subject(),
                report.group().id(),
                report.mask(),
                candidates,
                new WinnerJson(winner, videos.get(winner), report.choice().reason()),
                report.choice().spread(),
                report.timings());
    }

    private static CandidateJson candidate(String video, CandidateReport report) {
        var m = report.measures();
        return new CandidateJson(
                video,
                m.maskedIdentity(),
                m.minIdentity(),
                m.fullIdentity(),
                m.concentration(),
                m.concentrationNormalised(),
                m.temporal(),
                m.brightnessDrift(),
                m.duplicateSubject(),
                report.composite(),
                m.motion(),
                report.geometry());
    }
}
