package dev.reelrank.generator;

import dev.reelrank.diffusion.GenerationDefaults;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.GeneratorOptions;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.generators.ChosenModels;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks a configuration against the models it names, before anything is submitted. */
public final class CandidateCheck {
    private CandidateCheck() {}

    /**
     * Refuses what one of the models of a configuration cannot do, before anything is submitted.
     *
     * @throws StageException INVALID_CONFIG for what the model cannot do, MODEL_MISSING or
     *     MODEL_MISMATCH if the model is not there or not whole
     */
    public static void check(CandidateConfig config, ModelFolders folders) {
        models(config, folders).forEach(model -> check(config, model));
    }

    /** Its settings tell what depends on several values, and on the model's own defaults. */
    private static void check(CandidateConfig config, GeneratorModel model) {
        int steps = model.settings(config, null).steps();
        var prune = config.prune();
        if (prune != null && config.prunes() && prune.after() >= steps) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "candidate.prune.after is %d, and %s makes a candidate in %d steps: compare after fewer"
                            .formatted(prune.after(), model.folder(), steps));
        }
    }

    /**
     * What a user should know who has samples with reference images: which models do not see them.
     */
    public static Optional<String> note(CandidateConfig config, ModelFolders folders) {
        String blind =
                models(config, folders)
                        .map(GeneratorModel::options)
                        .filter(options -> options.image() == ImageInput.NONE)
                        .map(GeneratorOptions::model)
                        .collect(Collectors.joining(" and "));
        return blind.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "from text alone works "
                                + blind
                                + ": of a reference image it takes the aspect, and only ranking sees it");
    }

    /**
     * Folders of the models that a configuration names, and of their LoRAs, by name; not of the
     * adapters that only the farm's store has.
     */
    public static Map<String, Path> chosen(CandidateConfig config, ModelFolders folders) {
        var chosen = new LinkedHashMap<String, Path>();
        models(config, folders)
                .forEach(
                        model ->
                                chosen.putAll(
                                        ChosenModels.of(model, loras(config, model, folders))));
        return chosen;
    }

    private static List<LoraSpec> loras(
            CandidateConfig config, GeneratorModel model, ModelFolders folders) {
        var named =
                config.loras() == null
                        ? model.defaults().loras().stream().map(GenerationDefaults.Lora::name)
                        : config.loras().stream().filter(l -> !l.ofFarm()).map(Lora::name);
        return named.flatMap(name -> GeneratorModels.lora(folders, name).stream())
                .map(path -> new LoraSpec(path, 1))
                .toList();
    }

    private static Stream<GeneratorModel> models(CandidateConfig config, ModelFolders folders) {
        var families = GeneratorFamilies.all();
        return config.candidateSeeds().stream()
                .map(seed -> config.withSeed(seed).model())
                .distinct()
                .map(
                        name ->
                                families.open(
                                        name == null
                                                ? folders.generator()
                                                : folders.generator(name)));
    }
}
