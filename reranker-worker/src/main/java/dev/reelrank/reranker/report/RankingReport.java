package dev.reelrank.reranker.report;

import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.stage.RankingResult.SubjectMask;
import dev.reelrank.ranking.Choice;
import dev.reelrank.ranking.SubjectGroup;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A ranking with everything that explains it.
 *
 * @param reference the picture
 * @param subject the phrase that was looked for, null if the prompts name nothing
 * @param group kind of subject
 * @param mask verdict on the subject's mask in the reference
 * @param pixels that mask, null if nothing was found
 * @param candidates in the order they were given
 * @param choice who won, and why
 * @param timings milliseconds by part
 */
public record RankingReport(
        RgbImage reference,
        @Nullable String subject,
        SubjectGroup group,
        SubjectMask mask,
        @Nullable Mask pixels,
        List<CandidateReport> candidates,
        Choice choice,
        Map<String, Long> timings) {}
