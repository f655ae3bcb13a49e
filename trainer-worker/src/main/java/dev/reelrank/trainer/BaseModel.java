package dev.reelrank.trainer;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;

/**
 * The generator that a configuration names, as requests and adapters speak of it.
 *
 * @param family for example {@code wan}
 * @param fingerprint of its files, without LoRAs
 */
public record BaseModel(String family, String fingerprint) {
    /**
     * Finds it on this machine and checks that it can be trained.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH
     */
    public static BaseModel of(AlignConfig config, ModelFolders folders) {
        try (var models =
                new TrainerModels(
                        GeneratorFamilies.all(),
                        folders,
                        FileFingerprints.ofUser(),
                        BaseModel::noStore,
                        Device.CPU)) {
            var judge = TrainerModels.judge(config, folders);
            if (judge.isPresent()) {
                var key = new JudgeKey(judge.get(), QwenPrecision.FP32);
                return new BaseModel(JudgeAlign.FAMILY, models.fingerprint(key).sha256());
            }
            var model = models.model(config);
            TrainerModels.trainable(model);
            return new BaseModel(model.family(), models.base(model));
        }
    }

    private static dev.reelrank.pipeline.store.ResultStore noStore() {
        throw new StageException(
                FailureCode.INTERNAL_ERROR, "only the generator's own files were asked for");
    }
}
