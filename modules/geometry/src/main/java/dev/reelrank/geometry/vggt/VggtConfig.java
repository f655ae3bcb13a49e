package dev.reelrank.geometry.vggt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of a VGGT. The published config.json says three of them; the others are read from the
 * tensors, and the numbers of heads and the layers of the dense heads are the published ones unless
 * config.json says otherwise.
 *
 * @param imageSize side of the frames the model was trained on, pixels
 * @param patch side of a patch, pixels
 * @param dim width of a token
 * @param heads of the frame and global attention
 * @param patchHeads of the attention of the patch embedding
 * @param patchDepth blocks of the patch embedding
 * @param depth pairs of a frame and a global block
 * @param registers tokens of a frame beside its camera token and its patches
 * @param cameraHeads of the attention of the camera head
 * @param cameraDepth blocks of the camera head
 * @param features channels of the fused maps of a dense head
 * @param channels of the four maps of a dense head
 * @param layers the pairs whose outputs the dense heads read, rising, four
 */
record VggtConfig(
        int imageSize,
        int patch,
        int dim,
        int heads,
        int patchHeads,
        int patchDepth,
        int depth,
        int registers,
        int cameraHeads,
        int cameraDepth,
        int features,
        List<Integer> channels,
        List<Integer> layers) {
    /** VGGT-1B as published. */
    static final VggtConfig PUBLISHED =
            new VggtConfig(
                    518,
                    14,
                    1024,
                    16,
                    16,
                    24,
                    24,
                    4,
                    16,
                    4,
                    256,
                    List.of(256, 512, 1024, 1024),
                    List.of(4, 11, 17, 23));

    VggtConfig {
        channels = List.copyOf(channels);
        layers = List.copyOf(layers);
    }

    /**
     * Reads the sizes of a checkpoint.
     *
     * @throws StageException MODEL_MISMATCH or MODEL_MISSING, naming the file
     */
    static VggtConfig of(Path folder, Checkpoint weights) {
        JsonNode json = json(folder.resolve("config.json"));
        int patch = json.path("patch_size").asInt(PUBLISHED.patch);
        int dim = json.path("embed_dim").asInt(PUBLISHED.dim);
        int depth = count(weights, "aggregator.frame_blocks.");
        List<Integer> channels = new ArrayList<>();
        for (int i = 0; i < PUBLISHED.channels.size(); i++) {
            channels.add(first(weights, "depth_head.projects.%d.weight".formatted(i)));
        }
        List<Integer> layers = new ArrayList<>();
        json.path("intermediate_layer_idx").forEach(layer -> layers.add(layer.asInt()));
        var config =
                new VggtConfig(
                        json.path("img_size").asInt(PUBLISHED.imageSize),
                        patch,
                        dim,
                        json.path("num_heads").asInt(PUBLISHED.heads),
                        json.path("patch_embed_heads").asInt(PUBLISHED.patchHeads),
                        count(weights, "aggregator.patch_embed.blocks."),
                        depth,
                        (int) info(weights, "aggregator.register_token")[2],
                        json.path("camera_heads").asInt(PUBLISHED.cameraHeads),
                        count(weights, "camera_head.trunk."),
                        first(weights, "depth_head.scratch.layer1_rn.weight"),
                        channels,
                        layers.isEmpty() ? PUBLISHED.layers : layers);
        config.check(weights.location());
        return config;
    }

    private void check(String where) {
        boolean sound =
                imageSize % patch == 0
                        && dim % heads == 0
                        && (dim / heads) % 4 == 0
                        && dim % patchHeads == 0
                        && 2 * dim % cameraHeads == 0
                        && layers.size() == channels.size()
                        && layers.stream().allMatch(layer -> layer >= 0 && layer < depth);
        if (!sound) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s: the tensors do not fit together with sides of %d pixels in patches of %d, %d, %d and %d heads and the layers %s, as its config.json says or, where it does not, as VGGT-1B has them; take the config.json that came with the weights"
                            .formatted(
                                    where,
                                    imageSize,
                                    patch,
                                    heads,
                                    patchHeads,
                                    cameraHeads,
                                    layers));
        }
    }

    private static JsonNode json(Path file) {
        var mapper = new ObjectMapper();
        if (!Files.exists(file)) {
            // The published sizes; a checkpoint of other sizes fails at its first tensor.
            return mapper.createObjectNode();
        }
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " cannot be read as JSON", e);
        }
    }

    /** How many consecutive numbers follow a prefix. */
    private static int count(Checkpoint weights, String prefix) {
        int count = 0;
        while (weights.has(prefix + count + ".norm1.weight")) {
            count++;
        }
        if (count == 0) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has no tensor '%s0.norm1.weight': it is not a VGGT"
                            .formatted(weights.location(), prefix));
        }
        return count;
    }

    private static int first(Checkpoint weights, String name) {
        return (int) info(weights, name)[0];
    }

    private static long[] info(Checkpoint weights, String name) {
        if (!weights.has(name)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has no tensor '%s': it is not a VGGT".formatted(weights.location(), name));
        }
        return weights.info(name).shape();
    }

    /** Tokens of a frame before its patches. */
    int special() {
        return 1 + registers;
    }
}
