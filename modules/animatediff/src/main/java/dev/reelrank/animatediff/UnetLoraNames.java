package dev.reelrank.animatediff;

import dev.reelrank.diffusion.lora.LoraNaming;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names that LoRA files for Stable Diffusion 1.5 and for its motion modules use: those of PEFT
 * and diffusers, of kohya (underscores for dots), and of AnimateDiff's original code.
 */
final class UnetLoraNames implements LoraNaming {
    static final String UNET = "unet";
    static final String TEXT = "text_encoder";

    /** What keys begin with, by the part that they change. */
    private static final Map<String, String> COMPONENTS =
            Map.of("unet.", UNET, "lora_unet_", UNET, "text_encoder.", TEXT, "lora_te_", TEXT);

    private static final List<String> WRAPPERS = List.of("base_model.model.", "module.");

    private final Map<String, String> underscored = new HashMap<>();

    /**
     * @param tensors names of the model's tensors, of both parts
     */
    UnetLoraNames(Collection<String> tensors) {
        for (String tensor : tensors) {
            int dot = tensor.lastIndexOf('.');
            if (dot > 0) {
                String module = tensor.substring(0, dot);
                underscored.put(module.replace('.', '_'), module);
            }
        }
    }

    @Override
    public List<String> parts() {
        return List.of(UNET, TEXT);
    }

    private static String unwrapped(String key) {
        String rest = key;
        for (String wrapper : WRAPPERS) {
            rest = rest.startsWith(wrapper) ? rest.substring(wrapper.length()) : rest;
        }
        return rest;
    }

    private static Optional<String> prefix(String key) {
        String rest = unwrapped(key);
        return COMPONENTS.keySet().stream().filter(rest::startsWith).findFirst();
    }

    @Override
    public Optional<String> component(String key) {
        return prefix(key).map(found -> found.substring(0, found.length() - 1));
    }

    @Override
    public String part(String component) {
        return component.equals(TEXT) || component.equals("lora_te") ? TEXT : UNET;
    }

    @Override
    public String bare(String name) {
        String rest = unwrapped(name);
        return prefix(name).map(found -> rest.substring(found.length())).orElse(rest);
    }

    @Override
    public String module(String name) {
        String bare = bare(name);
        // The end of a kohya name is a module with underscores; the rest is in order already.
        String dotted = underscored.getOrDefault(bare, bare);
        String now = StoredNames.motion(dotted.replace(".processor.", "."));
        return now.endsWith(".to_out") ? now + ".0" : now;
    }

    @Override
    public String modulation(String module) {
        return module;
    }

    @Override
    public Optional<String> refusal(String name) {
        return bare(name).startsWith("input_blocks") || bare(name).startsWith("lora_te2")
                ? Optional.of("it is of Stable Diffusion XL")
                : Optional.empty();
    }
}
