package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextEncoderConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a folder holds, whichever layout it has.
 *
 * @param parts its weights
 * @param files everything that decides what comes out, by the names of the diffusers layout
 * @param twoExperts whether there is a second transformer for low noise
 * @param boundary share of the noise range above which the first expert works; 0 for always
 */
record WanLayout(
        WanParts parts,
        Map<String, Path> files,
        boolean twoExperts,
        double boundary,
        TransformerConfig transformer,
        VaeConfig vae,
        TextEncoderConfig text,
        WanSchedulers schedulers) {}
