package dev.reelrank.pipeline.config;

/** Everything that decides the results of a run. */
public record RunConfiguration(
        PromptConfig prompt, CandidateConfig candidate, RankingConfig ranking, GradeConfig grade) {
    public static RunConfiguration defaults() {
        return new RunConfiguration(
                PromptConfig.defaults(),
                CandidateConfig.defaults(),
                RankingConfig.defaults(),
                GradeConfig.defaults());
    }
}
