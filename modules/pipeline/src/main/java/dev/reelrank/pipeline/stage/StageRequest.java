package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;

/** A complete question to a stage: whoever holds it needs to look nothing up. */
public sealed interface StageRequest
        permits PromptRequest, CandidateRequest, RankingRequest, GradeRequest, TuneRequest {
    StageName stage();

    /** The stage's resolved part of the configuration. */
    StageConfig config();
}
