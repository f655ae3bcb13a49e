package dev.reelrank.wan;

import dev.reelrank.diffusion.GeneratorFamily;
import dev.reelrank.diffusion.GeneratorModel;
import java.nio.file.Path;

/**
 * Wan2.2-TI2V-5B, from text with or without an image. It computes with Wan's transformer, each
 * token with a timestep of its own, and with an autoencoder of 16 pixels a latent.
 */
public final class WanTi2vFamily implements GeneratorFamily {
    /** In model ids and fingerprints. */
    static final String ID = "wan-ti2v";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "Wan2.2-TI2V-5B (WanPipeline with expand_timesteps)";
    }

    @Override
    public boolean recognises(Path folder) {
        return DiffusersLayout.expandsTimesteps(folder);
    }

    @Override
    public GeneratorModel open(Path folder) {
        return WanSnapshot.open(folder);
    }
}
