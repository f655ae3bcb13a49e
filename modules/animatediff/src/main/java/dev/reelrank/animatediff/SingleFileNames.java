package dev.reelrank.animatediff;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names in one file of Stable Diffusion, in its original layout, as those of diffusers. What has no
 * place keeps its name, so that the network says that it does not know it.
 *
 * @param layers residual blocks of each resolution on the UNet's way down
 * @param resolutions of the autoencoder
 */
record SingleFileNames(int layers, int resolutions) {
    private static final Pattern UNET_BLOCK =
            Pattern.compile("(input|output)_blocks\\.(\\d+)\\.(\\d+)\\.(.+)");
    private static final Pattern UNET_MIDDLE = Pattern.compile("middle_block\\.(\\d)\\.(.+)");
    private static final Pattern VAE_BLOCK =
            Pattern.compile("(encoder|decoder)\\.(up|down)\\.(\\d+)\\.block\\.(\\d+)\\.(.+)");
    private static final Pattern VAE_STEP =
            Pattern.compile("(encoder|decoder)\\.(up|down)\\.(\\d+)\\.(?:up|down)sample\\.(.+)");
    private static final Pattern VAE_MIDDLE =
            Pattern.compile("(encoder|decoder)\\.mid\\.(block_1|block_2|attn_1)\\.(.+)");
    private static final Map<String, String> RESIDUAL =
            Map.of(
                    "in_layers.0.", "norm1.",
                    "in_layers.2.", "conv1.",
                    "emb_layers.1.", "time_emb_proj.",
                    "out_layers.0.", "norm2.",
                    "out_layers.3.", "conv2.",
                    "skip_connection.", "conv_shortcut.");
    private static final Map<String, String> OUTSIDE =
            Map.of(
                    "time_embed.0.", "time_embedding.linear_1.",
                    "time_embed.2.", "time_embedding.linear_2.",
                    "out.0.", "conv_norm_out.",
                    "out.2.", "conv_out.");
    private static final Map<String, String> ATTENTION =
            Map.of(
                    "norm.", "group_norm.",
                    "q.", "to_q.",
                    "k.", "to_k.",
                    "v.", "to_v.",
                    "proj_out.", "to_out.0.");

    private static String begun(String name, Map<String, String> beginnings) {
        for (var entry : beginnings.entrySet()) {
            if (name.startsWith(entry.getKey())) {
                return entry.getValue() + name.substring(entry.getKey().length());
            }
        }
        return name;
    }

    /** A name after {@code model.diffusion_model.}. */
    String unet(String name) {
        Matcher block = UNET_BLOCK.matcher(name);
        if (block.matches()) {
            int number = Integer.parseInt(block.group(2));
            boolean first = block.group(3).equals("0");
            String rest = block.group(4);
            return block.group(1).equals("input")
                    ? down(number, first, rest)
                    : up(number, first, rest);
        }
        Matcher middle = UNET_MIDDLE.matcher(name);
        if (middle.matches()) {
            return switch (middle.group(1)) {
                case "0" -> "mid_block.resnets.0." + begun(middle.group(2), RESIDUAL);
                case "1" -> "mid_block.attentions.0." + middle.group(2);
                case "2" -> "mid_block.resnets.1." + begun(middle.group(2), RESIDUAL);
                default -> name;
            };
        }
        return begun(name, OUTSIDE);
    }

    /** The first input block is a convolution; each resolution ends in one but for the last. */
    private String down(int number, boolean first, String rest) {
        if (number == 0) {
            return "conv_in." + rest;
        }
        int layer = (number - 1) % (layers + 1);
        String block = "down_blocks." + (number - 1) / (layers + 1);
        if (layer == layers) {
            return block + ".downsamplers.0." + rest.replaceFirst("^op\\.", "conv.");
        }
        return first
                ? block + ".resnets." + layer + "." + begun(rest, RESIDUAL)
                : block + ".attentions." + layer + "." + rest;
    }

    private String up(int number, boolean first, String rest) {
        int layer = number % (layers + 1);
        String block = "up_blocks." + number / (layers + 1);
        if (first) {
            return block + ".resnets." + layer + "." + begun(rest, RESIDUAL);
        }
        return rest.startsWith("conv.")
                ? block + ".upsamplers.0." + rest
                : block + ".attentions." + layer + "." + rest;
    }

    /** A name after {@code first_stage_model.}. */
    String vae(String name) {
        Matcher block = VAE_BLOCK.matcher(name);
        if (block.matches()) {
            String rest = block.group(5).replaceFirst("^nin_shortcut\\.", "conv_shortcut.");
            return place(block) + ".resnets." + block.group(4) + "." + rest;
        }
        Matcher step = VAE_STEP.matcher(name);
        if (step.matches()) {
            return place(step) + "." + step.group(2) + "samplers.0." + step.group(4);
        }
        Matcher middle = VAE_MIDDLE.matcher(name);
        if (middle.matches()) {
            String own = middle.group(1) + ".mid_block.";
            return switch (middle.group(2)) {
                case "block_1" -> own + "resnets.0." + middle.group(3);
                case "block_2" -> own + "resnets.1." + middle.group(3);
                default -> own + "attentions.0." + begun(middle.group(3), ATTENTION);
            };
        }
        return name.replaceFirst("^(encoder|decoder)\\.norm_out\\.", "$1.conv_norm_out.");
    }

    /** The original decoder counts its resolutions from the pictures. */
    private String place(Matcher block) {
        int level = Integer.parseInt(block.group(3));
        return block.group(2).equals("up")
                ? block.group(1) + ".up_blocks." + (resolutions - 1 - level)
                : block.group(1) + ".down_blocks." + level;
    }

    /** A name after {@code cond_stage_model.transformer.}. */
    String text(String name) {
        return name.startsWith("text_model.") ? name : "text_model." + name;
    }
}
