package dev.reelrank.generator;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.GeneratorOptions;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.worker.models.ModelFolders;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks a configuration against the models it names, before anything is submitted. */
public final class CandidateCheck {
    private CandidateCheck() {}

    /**
     * Refuses what one of the models of a configuration cannot do, before anything is submitted.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for what the model cannot do,
     *     MODEL_MISSING or MODEL_MISMATCH if the model is not there or not whole
     */
    public static void check(CandidateConfig config, ModelFolders folders) {
        models(config, folders).forEach(model -> model.options().check(config));
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
