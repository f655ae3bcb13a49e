package dev.reelrank.trainer;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
                return new BaseModel(AlignConfig.JUDGE_FAMILY, models.fingerprint(key).sha256());
            }
            var model = models.model(config);
            TrainerModels.trainable(model);
            return new BaseModel(model.family(), models.base(model));
        }
    }

    /**
     * The parent of a training must be an adapter of this model.
     *
     * @param parent as {@code smooth@3}
     * @param of its family; null or empty if unknown
     * @param base fingerprint of the model that it was trained on; empty if unknown
     * @throws StageException MODEL_MISMATCH naming both and what to do
     */
    public void requireParent(String parent, @Nullable String of, String base) {
        if (of != null && !of.isEmpty() && !of.equals(family)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the training cannot go on from %s, an adapter for models of family %s: a model of family %s is trained; name a parent of this family, or the parent's own model with --base, or leave --parent out"
                            .formatted(parent, of, family));
        }
        if (!base.isEmpty() && !base.equals(fingerprint)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the training cannot go on from %s, which was trained on a model with the fingerprint %s: this one has %s; name the parent's own model with --base, or leave --parent out"
                            .formatted(parent, base, fingerprint));
        }
    }

    /**
     * The adapters of a farm that are merged into this model must be of its family.
     *
     * @param loras of the configuration; null for those of the model's own defaults
     * @throws StageException MODEL_MISMATCH naming the adapter, both families and what to do
     */
    public void requireMerged(@Nullable List<Lora> loras) {
        for (var lora : loras == null ? List.<Lora>of() : loras) {
            String of = lora.family();
            if (of != null && !of.isEmpty() && !of.equals(family)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "align.loras: %s is an adapter for models of family %s, but a model of family %s is trained; name its own model with --base, or leave it out"
                                .formatted(lora.name(), of, family));
            }
        }
    }

    private static dev.reelrank.pipeline.store.ResultStore noStore() {
        throw new StageException(
                FailureCode.INTERNAL_ERROR, "only the generator's own files were asked for");
    }
}
