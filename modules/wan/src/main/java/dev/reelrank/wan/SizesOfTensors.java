package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads sizes off the tensors of files that bring no configuration. */
final class SizesOfTensors {
    /** Of every published Wan. */
    private static final long HEAD_DIM = 128;

    /** Rows and columns of a patch, of every published Wan that was distilled. */
    private static final long PATCH = 2;

    private static final long MOST_POSITIONS = 1024;
    private static final double EPSILON = 1e-6;

    private final Checkpoint file;
    private final Map<String, String> stored = new HashMap<>();

    private SizesOfTensors(Checkpoint file) {
        this.file = file;
    }

    /** A transformer of original names. */
    static TransformerConfig transformer(Checkpoint file) {
        var sizes = new SizesOfTensors(file);
        if (!OriginalNames.isOriginalTransformer(file.names())) {
            throw sizes.unknown("it has no head.modulation");
        }
        for (String name : file.names()) {
            sizes.stored.put(LoraNames.WAN.bare(name), name);
        }
        if (sizes.stored.containsKey("img_emb.proj.1.weight")) {
            throw sizes.unknown(
                    "it has a CLIP image branch (Wan2.1 image-to-video): use Wan2.2-I2V-A14B");
        }
        var distillation = Distillation.of(file.names(), file::info);
        long[] patch = sizes.patch(distillation);
        long dim = patch[0];
        if (dim % HEAD_DIM != 0) {
            throw sizes.unknown("its width %d is no multiple of %d".formatted(dim, HEAD_DIM));
        }
        long volume = patch[2] * patch[3] * patch[4];
        return new TransformerConfig(
                sizes.count("blocks\\.(\\d+)\\..*"),
                dim / HEAD_DIM,
                HEAD_DIM,
                sizes.shape(
                                sizes.stored.containsKey("blocks.0.ffn.0.weight")
                                        ? "blocks.0.ffn.0.weight"
                                        : "blocks.0.ffn.0" + TurboTensors.INT8,
                                2)[0],
                patch[1],
                sizes.shape("head.head.weight", 2)[0] / volume,
                new int[] {(int) patch[2], (int) patch[3], (int) patch[4]},
                sizes.shape("text_embedding.0.weight", 2)[1],
                sizes.shape("time_embedding.0.weight", 2)[1],
                EPSILON,
                sizes.stored.containsKey("blocks.0.norm3.weight"),
                MOST_POSITIONS,
                distillation);
    }

    /** The shape of the patch embedding as a convolution; distilled files have it flattened. */
    private long[] patch(Distillation distillation) {
        if (distillation == Distillation.NONE) {
            return shape("patch_embedding.weight", 5);
        }
        long[] flat = shape("patch_embedding.weight", 2);
        if (flat[1] % (PATCH * PATCH) != 0) {
            throw unknown("its patch embedding takes %d numbers".formatted(flat[1]));
        }
        return new long[] {flat[0], flat[1] / (PATCH * PATCH), 1, PATCH, PATCH};
    }

    /** Wan2.1's autoencoder, at its published depth and any width. */
    static VaeConfig vae(Checkpoint file) {
        var sizes = new SizesOfTensors(file);
        file.names().forEach(name -> sizes.stored.put(name, name));
        var published = VaeConfig.published();
        long channels = sizes.shape("conv2.weight", 5)[0];
        if (channels != published.latentChannels()) {
            throw sizes.unknown(
                    "it has %d latent channels, Wan2.1's autoencoder %d; for Wan2.2-TI2V-5B use Wan2.2-TI2V-5B-Diffusers"
                            .formatted(channels, published.latentChannels()));
        }
        long width = sizes.shape("encoder.conv1.weight", 5)[0];
        return new VaeConfig(
                width,
                width,
                channels,
                published.multipliers(),
                published.residualBlocks(),
                published.temporal(),
                published.mean(),
                published.deviation());
    }

    /** UMT5, under the names of transformers. */
    static TextEncoderConfig textEncoder(Checkpoint file) {
        var sizes = new SizesOfTensors(file);
        file.names().forEach(name -> sizes.stored.put(name, name));
        String first = "encoder.block.0.layer.";
        String table = file.has("shared.weight") ? "shared.weight" : "encoder.embed_tokens.weight";
        long[] embedding = sizes.shape(table, 2);
        long[] bias = sizes.shape(first + "0.SelfAttention.relative_attention_bias.weight", 2);
        var published = TextEncoderConfig.xxl();
        return new TextEncoderConfig(
                embedding[0],
                embedding[1],
                sizes.shape(first + "0.SelfAttention.q.weight", 2)[0] / bias[1],
                bias[1],
                sizes.shape(first + "1.DenseReluDense.wi_0.weight", 2)[0],
                sizes.count("encoder\\.block\\.(\\d+)\\..*"),
                bias[0],
                published.maxDistance(),
                published.epsilon());
    }

    private long[] shape(String name, int dimensions) {
        String key = stored.get(name);
        if (key == null) {
            throw unknown("it has no '" + name + "'");
        }
        long[] shape = file.info(key).shape();
        if (shape.length != dimensions) {
            throw unknown("'%s' has %d dimensions".formatted(name, shape.length));
        }
        return shape;
    }

    private long count(String pattern) {
        var block = Pattern.compile(pattern);
        return 1
                + stored.keySet().stream()
                        .map(block::matcher)
                        .filter(java.util.regex.Matcher::matches)
                        .mapToLong(matcher -> Long.parseLong(matcher.group(1)))
                        .max()
                        .orElseThrow(() -> unknown("it has no blocks"));
    }

    private StageException unknown(String why) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s is no part of Wan in ComfyUI's layout: %s".formatted(file.location(), why));
    }
}
