package dev.reelrank.wan;

import dev.reelrank.diffusion.GeneratorFamily;
import dev.reelrank.diffusion.GeneratorModel;
import java.nio.file.Path;

/** Wan2.2-A14B from an image or from text and Wan2.1 from text, in their published layouts. */
public final class WanFamily implements GeneratorFamily {
    /** In model ids and fingerprints. */
    static final String ID = "wan";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "Wan2.2-A14B and Wan2.1 from text (WanImageToVideoPipeline or WanPipeline, or ComfyUI's"
                + " files)";
    }

    @Override
    public boolean recognises(Path folder) {
        return (DiffusersLayout.isHere(folder) && !DiffusersLayout.expandsTimesteps(folder))
                || ComfyLayout.isHere(folder)
                || OriginalLayout.isHere(folder);
    }

    @Override
    public GeneratorModel open(Path folder) {
        return WanSnapshot.open(folder);
    }
}
