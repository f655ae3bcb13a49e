package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.GeneratorFamily;
import dev.reelrank.diffusion.GeneratorModel;
import java.nio.file.Path;

/** AnimateDiff: Stable Diffusion 1.5 with motion modules. */
public final class AnimateDiffFamily implements GeneratorFamily {
    /** In model ids and fingerprints. */
    static final String ID = "animatediff";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "AnimateDiff from text (AnimateDiffPipeline; StableDiffusionPipeline, or Stable"
                + " Diffusion in one file, with a motion adapter in its folder motion_adapter)";
    }

    @Override
    public boolean recognises(Path folder) {
        return ConfigFile.pipelineClass(folder)
                        .filter(AnimateDiffFolder.PIPELINES::contains)
                        .isPresent()
                || SingleFile.isHere(folder);
    }

    @Override
    public GeneratorModel open(Path folder) {
        return AnimateDiffModel.open(folder);
    }
}
