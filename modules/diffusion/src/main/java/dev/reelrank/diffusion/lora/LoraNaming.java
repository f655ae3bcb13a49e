package dev.reelrank.diffusion.lora;

/** Translates the module names that LoRA files use into those of a family's own weights. */
public interface LoraNaming {
    /** The module's name in the family's weights, without {@code .weight}. */
    String module(String name);

    /** The tensor that a {@code .diff_m} of this module changes; an empty name is the model. */
    String modulation(String module);
}
