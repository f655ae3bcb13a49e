package dev.reelrank.generators;

import dev.reelrank.animatediff.AnimateDiffFamily;
import dev.reelrank.cogvideox.CogFamily;
import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.GeneratorFamily;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.wan.WanFamily;
import dev.reelrank.wan.WanTi2vFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The families of generators there are.
 *
 * <p>A new family is one more entry in {@link #all()}; nothing else outside its own module names
 * it.
 */
public final class GeneratorFamilies {
    private final List<GeneratorFamily> families;

    /** These families, asked in this order. */
    public GeneratorFamilies(List<GeneratorFamily> families) {
        this.families = List.copyOf(families);
    }

    /** Every family of the product. */
    public static GeneratorFamilies all() {
        return new GeneratorFamilies(
                List.of(
                        new WanFamily(),
                        new WanTi2vFamily(),
                        new CogFamily(),
                        new AnimateDiffFamily()));
    }

    /**
     * Opens a model folder with the family that it belongs to. Weights are not read.
     *
     * @throws StageException MODEL_MISSING if there is no such folder, MODEL_MISMATCH if it is of
     *     no family or its parts do not fit each other
     */
    public GeneratorModel open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new StageException(FailureCode.MODEL_MISSING, "no folder " + folder);
        }
        return families.stream()
                .filter(family -> family.recognises(folder))
                .findFirst()
                .orElseThrow(() -> unknown(folder))
                .open(folder);
    }

    private StageException unknown(Path folder) {
        String found =
                ConfigFile.pipelineClass(folder)
                        .map(name -> "its model_index.json names " + name)
                        .orElse("it has no model_index.json that names a pipeline");
        String known =
                families.stream()
                        .map(GeneratorFamily::description)
                        .collect(Collectors.joining("; "));
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s does not contain a known generator: %s. Known generators are: %s"
                        .formatted(folder, found, known));
    }
}
