package dev.reelrank.pipeline.config;

/** A stage's part of a run's configuration. */
public sealed interface StageConfig
        permits PromptConfig, CandidateConfig, RankingConfig, GradeConfig, TuneConfig {}
