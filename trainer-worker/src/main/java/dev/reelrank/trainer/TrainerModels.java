package dev.reelrank.trainer;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.generators.LoraPaths;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.qwen.QwenMemory;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The weights that a training is about, and where they are. */
final class TrainerModels implements AutoCloseable {
    private static final int COLUMNS = 6144;

    private final GeneratorFamilies families;
    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final LoraPaths paths;
    private final Device device;

    TrainerModels(
            GeneratorFamilies families,
            ModelFolders folders,
            FileFingerprints fingerprints,
            Supplier<ResultStore> store,
            Device device) {
        this.families = families;
        this.folders = folders;
        this.fingerprints = fingerprints;
        this.paths = new LoraPaths(name -> path(folders, name), store);
        this.device = device;
    }

    private static Path path(ModelFolders folders, String name) {
        return name.equals(ModelName.LIGHTNING.id())
                ? folders.folder(ModelName.LIGHTNING)
                : folders.root().resolve(name);
    }

    LoadKey key(AlignConfig config) {
        var judge = judge(config, folders);
        if (judge.isPresent()) {
            return new JudgeKey(judge.get(), QwenPrecision.parse(config.precision(), device));
        }
        var model = model(config);
        return new AlignKey(
                model,
                Precision.parse(config.precision(), device),
                paths.of(config.loras(), model, () -> base(model)));
    }

    /** The folder of the vision-language model, if it is what a configuration names. */
    static Optional<Path> judge(AlignConfig config, ModelFolders folders) {
        if (!ModelName.QWEN.id().equals(config.model())) {
            return Optional.empty();
        }
        Path folder = folders.folder(ModelName.QWEN);
        if (!JudgeAlign.is(folder)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    folder + " holds no Qwen3-VL, the vision-language model that can be trained");
        }
        return Optional.of(folder);
    }

    /** Its weights, and what the states of one row of tokens need for gradients. */
    Needs needs(JudgeKey key) {
        long bytes = QwenMemory.bytes(key.folder(), key.weights(), 2, COLUMNS);
        return new Needs(bytes / (double) (1L << 30), 0);
    }

    Fingerprint fingerprint(JudgeKey key) {
        return fingerprints.of(Map.of(ModelName.QWEN.id(), key.folder()));
    }

    GeneratorModel model(AlignConfig config) {
        return families.open(
                config.model() == null ? folders.generator() : folders.generator(config.model()));
    }

    /** The model as one whose adapters can be trained. */
    static Trainable trainable(GeneratorModel model) {
        if (model instanceof Trainable trainable) {
            return trainable;
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s is of family %s, whose adapters cannot be trained"
                        .formatted(model.folder(), model.family()));
    }

    /** The fingerprint of a model's own files, as requests and adapters name it. */
    String base(GeneratorModel model) {
        return fingerprints.of(files(model)).sha256();
    }

    /** An adapter in the store as a LoRA of a model, at full strength. */
    LoraSpec adapter(GeneratorModel model, Map<String, BlobRef> files) {
        var lora = new CandidateConfig.Lora(CandidateConfig.Lora.ADAPTER + "new", 1, files, null);
        return paths.of(List.of(lora), model, () -> base(model)).get(0);
    }

    /** The fingerprint of everything that decides what a training learns. */
    Fingerprint fingerprint(AlignKey key) {
        var files = new LinkedHashMap<>(files(key.model()));
        int index = 0;
        for (var lora : key.merged()) {
            String name = GeneratorUse.LORA + "%d@%s".formatted(index++, lora.strength());
            key.model().loraFiles(lora).forEach((part, path) -> files.put(name + "/" + part, path));
        }
        return fingerprints.of(files);
    }

    private static Map<String, Path> files(GeneratorModel model) {
        var files = new LinkedHashMap<String, Path>();
        model.files().forEach((name, path) -> files.put(model.family() + "/" + name, path));
        return files;
    }

    @Override
    public void close() {
        paths.close();
    }
}
