package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.lora.LoraNaming;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that LoRA files for CogVideoX use: diffusers', PEFT's and kohya's. */
final class CogLoraNames implements LoraNaming {
    static final CogLoraNames NAMES = new CogLoraNames();

    private static final String TRANSFORMER = CogModel.TRANSFORMER;
    private static final List<String> PREFIXES =
            List.of("base_model.model.", "diffusion_model.", TRANSFORMER + ".", "model.");
    private static final Pattern KOHYA =
            Pattern.compile("lora_(?:unet|transformer)_transformer_blocks_(\\d+)_(\\w+)");

    private CogLoraNames() {}

    @Override
    public List<String> parts() {
        return List.of(TRANSFORMER);
    }

    @Override
    public Optional<String> component(String key) {
        String rest =
                key.startsWith(PREFIXES.get(0)) ? key.substring(PREFIXES.get(0).length()) : key;
        return rest.startsWith(TRANSFORMER + ".") ? Optional.of(TRANSFORMER) : Optional.empty();
    }

    @Override
    public String part(String component) {
        return component;
    }

    @Override
    public String bare(String name) {
        String bare = name;
        boolean found = true;
        while (found) {
            found = false;
            for (String prefix : PREFIXES) {
                if (bare.startsWith(prefix)) {
                    bare = bare.substring(prefix.length());
                    found = true;
                }
            }
        }
        return bare;
    }

    @Override
    public String module(String name) {
        String bare = bare(name);
        Matcher kohya = KOHYA.matcher(bare);
        return kohya.matches()
                ? "transformer_blocks.%s.%s".formatted(kohya.group(1), dotted(kohya.group(2)))
                : bare;
    }

    /** kohya writes an underscore for each dot. */
    private static String dotted(String inBlock) {
        return switch (inBlock) {
            case "ff_net_0_proj" -> "ff.net.0.proj";
            case "ff_net_2" -> "ff.net.2";
            case "attn1_to_out_0" -> "attn1.to_out.0";
            case "norm1_linear" -> "norm1.linear";
            case "norm2_linear" -> "norm2.linear";
            default -> inBlock.replaceFirst("^attn1_", "attn1.");
        };
    }

    /** CogVideoX has no tables of modulation: such a key fits no tensor, which is an error. */
    @Override
    public String modulation(String module) {
        return module + ".scale_shift_table";
    }

    @Override
    public Optional<String> refusal(String name) {
        return bare(name).startsWith("text_encoder.")
                ? Optional.of("it changes the text encoder, which takes no LoRA here")
                : Optional.empty();
    }
}
