package dev.reelrank.wan;

import dev.reelrank.diffusion.lora.LoraNaming;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that LoRA files for Wan use, and those of the diffusers layout. */
final class LoraNames implements LoraNaming {
    static final LoraNames WAN = new LoraNames();

    /** The components of diffusers' pipelines, by the prefix of their keys. */
    private static final Map<String, Expert> COMPONENTS =
            Map.of(
                    Expert.HIGH.folder(), Expert.HIGH,
                    Expert.LOW.folder(), Expert.LOW);

    private static final List<String> PREFIXES =
            List.of(
                    "base_model.model.",
                    "model.diffusion_model.",
                    "diffusion_model.",
                    "transformer_2.",
                    "transformer.",
                    "model.");
    private static final Pattern KOHYA =
            Pattern.compile("lora_unet__?blocks_(\\d+)_(self_attn|cross_attn|ffn)_([qkvo02])");
    private static final Pattern IMAGE_BRANCH =
            Pattern.compile(".*(k_img|v_img|add_k_proj|add_v_proj|img_emb|image_embedder).*");
    private static final Pattern BLOCK = Pattern.compile("(blocks\\.\\d+)\\.(.+)");
    private static final Map<String, String> IN_BLOCK =
            Map.ofEntries(
                    Map.entry("self_attn.q", "attn1.to_q"),
                    Map.entry("self_attn.k", "attn1.to_k"),
                    Map.entry("self_attn.v", "attn1.to_v"),
                    Map.entry("self_attn.o", "attn1.to_out.0"),
                    Map.entry("self_attn.norm_q", "attn1.norm_q"),
                    Map.entry("self_attn.norm_k", "attn1.norm_k"),
                    Map.entry("self_attn.attn_op.local_attn.proj_l", "attn1.proj_l"),
                    Map.entry("cross_attn.q", "attn2.to_q"),
                    Map.entry("cross_attn.k", "attn2.to_k"),
                    Map.entry("cross_attn.v", "attn2.to_v"),
                    Map.entry("cross_attn.o", "attn2.to_out.0"),
                    Map.entry("cross_attn.norm_q", "attn2.norm_q"),
                    Map.entry("cross_attn.norm_k", "attn2.norm_k"),
                    Map.entry("ffn.0", "ffn.net.0.proj"),
                    Map.entry("ffn.2", "ffn.net.2"),
                    // The original numbering of the norms differs: its third is the one before the
                    // cross-attention.
                    Map.entry("norm3", "norm2"));
    private static final Map<String, String> OUTSIDE =
            Map.of(
                    "text_embedding.0", "condition_embedder.text_embedder.linear_1",
                    "text_embedding.2", "condition_embedder.text_embedder.linear_2",
                    "time_embedding.0", "condition_embedder.time_embedder.linear_1",
                    "time_embedding.2", "condition_embedder.time_embedder.linear_2",
                    "time_projection.1", "condition_embedder.time_proj",
                    "head.head", "proj_out",
                    "head", "");

    private LoraNames() {}

    @Override
    public List<String> parts() {
        return Expert.WORDS;
    }

    @Override
    public Optional<String> component(String key) {
        String rest = key;
        for (String wrapper : List.of("base_model.model.", "model.")) {
            rest = rest.startsWith(wrapper) ? rest.substring(wrapper.length()) : rest;
        }
        int dot = rest.indexOf('.');
        return dot > 0 && COMPONENTS.containsKey(rest.substring(0, dot))
                ? Optional.of(rest.substring(0, dot))
                : Optional.empty();
    }

    @Override
    public String part(String component) {
        return Objects.requireNonNull(COMPONENTS.get(component), component).word();
    }

    @Override
    public Optional<String> refusal(String name) {
        return IMAGE_BRANCH.matcher(name).matches()
                ? Optional.of(
                        "it changes the image branch of Wan2.1 image-to-video, which this model does not have")
                : Optional.empty();
    }

    /**
     * The module's name in the diffusers layout; a name that is none of the original's stays as it
     * is without its prefix.
     */
    @Override
    public String module(String name) {
        String bare = bare(name);
        Matcher kohya = KOHYA.matcher(bare);
        if (kohya.matches()) {
            bare = "blocks.%s.%s.%s".formatted(kohya.group(1), kohya.group(2), kohya.group(3));
        }
        Matcher block = BLOCK.matcher(bare);
        if (block.matches()) {
            return block.group(1) + "." + IN_BLOCK.getOrDefault(block.group(2), block.group(2));
        }
        return OUTSIDE.getOrDefault(bare, bare);
    }

    @Override
    public String modulation(String module) {
        return module.isEmpty() ? "scale_shift_table" : module + ".scale_shift_table";
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
}
