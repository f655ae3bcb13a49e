package dev.reelrank.generator;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.worker.models.ModelFolders;

/** Checks a configuration against the model it names, before anything is submitted. */
public final class CandidateCheck {
    private CandidateCheck() {}

    /**
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for what the model cannot do,
     *     MODEL_MISSING or MODEL_MISMATCH if the model is not there or not whole
     */
    public static void check(CandidateConfig config, ModelFolders folders) {
        new GeneratorModels(GeneratorFamilies.all(), folders, Device.CPU)
                .model(config)
                .options()
                .check(config);
    }
}
