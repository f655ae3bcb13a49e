package dev.reelrank.pipeline.config;

/** Everything that decides the results of a run, and what is done to its winners afterwards. */
public record RunConfiguration(
        PromptConfig prompt,
        CandidateConfig candidate,
        RankingConfig ranking,
        GradeConfig grade,
        FinishConfig finish) {
    /** A run whose winners stay as they were generated. */
    public RunConfiguration(
            PromptConfig prompt,
            CandidateConfig candidate,
            RankingConfig ranking,
            GradeConfig grade) {
        this(prompt, candidate, ranking, grade, FinishConfig.defaults());
    }

    public static RunConfiguration defaults() {
        return new RunConfiguration(
                PromptConfig.defaults(),
                CandidateConfig.defaults(),
                RankingConfig.defaults(),
                GradeConfig.defaults());
    }

    /** The same with other candidates and another grading. */
    public RunConfiguration with(CandidateConfig otherCandidate, GradeConfig otherGrade) {
        return new RunConfiguration(prompt, otherCandidate, ranking, otherGrade, finish);
    }
}
