package dev.reelrank.diffusion.lora;

import java.util.List;
import java.util.Optional;

/**
 * How LoRA files of a family name what they change.
 *
 * <p>A key of a file is a component's prefix, a module's name and a suffix, for example {@code
 * transformer_2.blocks.0.attn1.to_q.lora_A.weight}. A model may have several parts that take a LoRA
 * of their own, such as two experts.
 */
public interface LoraNaming {
    /** The parts that a model of the family can have, by the words that file names use. */
    List<String> parts();

    /**
     * The component that a key begins with, as it stands there and without its dot: {@code
     * transformer_2}; empty for a key that names none.
     */
    Optional<String> component(String key);

    /** The part that a component is. */
    String part(String component);

    /** The name without any prefix, as the file has it. */
    String bare(String name);

    /** The module's name in the family's weights, without {@code .weight}. */
    String module(String name);

    /** The tensor that a {@code .diff_m} of this module changes; an empty name is the model. */
    String modulation(String module);

    /** Why a module of a file that is known to others cannot be changed here. */
    Optional<String> refusal(String name);
}
