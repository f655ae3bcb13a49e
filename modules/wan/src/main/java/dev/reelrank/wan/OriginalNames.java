package dev.reelrank.wan;

import dev.reelrank.diffusion.RenamedTensors;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.TensorSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that Wan's authors gave to tensors, which ComfyUI's files keep, translated to those of
 * the diffusers layout. The mapping is that of diffusers' converters.
 */
final class OriginalNames {
    private static final Pattern RESIDUAL =
            Pattern.compile("(?:residual\\.(0|2|3|6)|(shortcut))\\.(gamma|weight|bias)");
    private static final Map<String, String> RESIDUAL_PARTS =
            Map.of("0", "norm1", "2", "conv1", "3", "norm2", "6", "conv2");
    private static final Map<String, String> VAE_MODULES =
            Map.ofEntries(
                    Map.entry("conv1", "quant_conv"),
                    Map.entry("conv2", "post_quant_conv"),
                    Map.entry("encoder.conv1", "encoder.conv_in"),
                    Map.entry("encoder.head.0", "encoder.norm_out"),
                    Map.entry("encoder.head.2", "encoder.conv_out"),
                    Map.entry("decoder.conv1", "decoder.conv_in"),
                    Map.entry("decoder.head.0", "decoder.norm_out"),
                    Map.entry("decoder.head.2", "decoder.conv_out"));
    private static final Pattern VAE_BLOCK =
            Pattern.compile("(encoder|decoder)\\.(middle|downsamples|upsamples)\\.(\\d+)\\.(.+)");

    private OriginalNames() {}

    /** A transformer's weights under the names of the diffusers layout, whichever they have. */
    static TensorSource transformer(Checkpoint file) {
        refuseScaled(file);
        return renamed(
                file,
                TurboTensors.of(file),
                isOriginalTransformer(file.names()),
                OriginalNames::transformerTensor);
    }

    /**
     * An autoencoder's weights under the names of the diffusers layout, whichever they have.
     *
     * @param residualBlocks of each resolution, less the one that every decoder has more
     */
    static TensorSource vae(Checkpoint file, int residualBlocks) {
        boolean original = file.has("decoder.conv1.weight");
        return renamed(file, file, original, name -> vaeTensor(name, residualBlocks));
    }

    /** A text encoder's weights without what ComfyUI adds to them. */
    static TensorSource textEncoder(Checkpoint file) {
        if (!file.has("spiece_model")) {
            return renamed(file, file, false, UnaryOperator.identity());
        }
        var stored = new TreeMap<String, String>();
        file.names().forEach(name -> stored.put(name, name));
        stored.remove("spiece_model");
        return new RenamedTensors(file, stored);
    }

    private static TensorSource renamed(
            Checkpoint file,
            TensorSource tensors,
            boolean original,
            UnaryOperator<String> translation) {
        refuseScaled(file);
        if (!original) {
            return tensors;
        }
        var stored = new TreeMap<String, String>();
        for (String name : tensors.names()) {
            String other = stored.put(translation.apply(name), name);
            if (other != null) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s has both '%s' and '%s' for one tensor"
                                .formatted(file.location(), other, name));
            }
        }
        return new RenamedTensors(tensors, stored);
    }

    private static void refuseScaled(Checkpoint file) {
        Optional<String> scaled =
                file.names().stream()
                        .filter(
                                name ->
                                        name.endsWith("scaled_fp8")
                                                || name.endsWith(".scale_weight")
                                                || name.endsWith(".weight_scale"))
                        .findFirst();
        if (scaled.isPresent()) {
            file.close();
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s holds float8 weights with scales ('%s'): use the fp16 or bf16 file, and --precision fp8-weights"
                            .formatted(file.location(), scaled.get()));
        }
    }

    static boolean isOriginalTransformer(Set<String> names) {
        return names.stream().anyMatch(name -> name.endsWith("head.modulation"));
    }

    static String transformerTensor(String original) {
        String bare = LoraNames.WAN.bare(original);
        if (bare.endsWith(".modulation")) {
            String module = bare.substring(0, bare.length() - ".modulation".length());
            return LoraNames.WAN.modulation(LoraNames.WAN.module(module));
        }
        int dot = bare.lastIndexOf('.');
        return dot < 0 ? bare : LoraNames.WAN.module(bare.substring(0, dot)) + bare.substring(dot);
    }

    static String vaeTensor(String original, int residualBlocks) {
        int dot = original.lastIndexOf('.');
        String module = dot < 0 ? original : original.substring(0, dot);
        if (VAE_MODULES.containsKey(module)) {
            return VAE_MODULES.get(module) + original.substring(dot);
        }
        Matcher block = VAE_BLOCK.matcher(original);
        if (!block.matches()) {
            return original;
        }
        String side = block.group(1);
        int index = Integer.parseInt(block.group(3));
        String tail = block.group(4);
        return switch (block.group(2)) {
            case "middle" ->
                    index == 1
                            ? side + ".mid_block.attentions.0." + tail
                            : "%s.mid_block.resnets.%d.%s"
                                    .formatted(side, index / 2, residual(tail));
            case "downsamples" -> "%s.down_blocks.%d.%s".formatted(side, index, residual(tail));
            default -> {
                // Each resolution: its residual blocks, one more, and the step up.
                int level = index / (residualBlocks + 2);
                int place = index % (residualBlocks + 2);
                yield place <= residualBlocks
                        ? "%s.up_blocks.%d.resnets.%d.%s"
                                .formatted(side, level, place, residual(tail))
                        : "%s.up_blocks.%d.upsamplers.0.%s".formatted(side, level, tail);
            }
        };
    }

    private static String residual(String tail) {
        Matcher part = RESIDUAL.matcher(tail);
        if (!part.matches()) {
            return tail;
        }
        String module = part.group(2) != null ? "conv_shortcut" : RESIDUAL_PARTS.get(part.group(1));
        return module + "." + part.group(3);
    }
}
