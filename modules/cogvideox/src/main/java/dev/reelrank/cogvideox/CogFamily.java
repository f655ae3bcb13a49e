package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.GeneratorFamily;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.PartWeights;
import java.nio.file.Path;

/** CogVideoX-5B, 5B-I2V, 1.5-5B and 1.5-5B-I2V, and models of the same architecture. */
public final class CogFamily implements GeneratorFamily {
    /** In model ids and fingerprints. */
    static final String ID = "cogvideox";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "CogVideoX and CogVideoX-1.5 from text or from an image (CogVideoXPipeline or"
                + " CogVideoXImageToVideoPipeline)";
    }

    @Override
    public boolean recognises(Path folder) {
        return ConfigFile.pipelineClass(folder)
                .filter(name -> name.startsWith("CogVideoX"))
                .isPresent();
    }

    @Override
    public GeneratorModel open(Path folder) {
        return CogModel.open(folder);
    }

    /** The same with weights that the caller has: only the configurations are read. */
    public static GeneratorModel open(Path folder, PartWeights weights) {
        return CogModel.open(folder, weights);
    }
}
