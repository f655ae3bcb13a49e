package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.GeneratorFamily;
import dev.reelrank.diffusion.GeneratorModel;
import java.nio.file.Path;

/** Wan2.2-A14B from an image or from text, in the diffusers layout. */
public final class WanFamily implements GeneratorFamily {
    /** In model ids and fingerprints. */
    static final String ID = "wan";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "Wan2.2-A14B (WanImageToVideoPipeline or WanPipeline)";
    }

    @Override
    public boolean recognises(Path folder) {
        return ConfigFile.pipelineClass(folder).filter(name -> name.startsWith("Wan")).isPresent();
    }

    @Override
    public GeneratorModel open(Path folder) {
        return WanSnapshot.open(folder);
    }
}
