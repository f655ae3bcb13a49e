package dev.reelrank.geometry.met3r;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RandomShards;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes the three files with random weights of the published sizes (DUSt3R ViT-L with a DPT head,
 * DINO ViT-S/16, FeatUp's upsampler): for measuring how long MEt3R takes. Points lie ahead of the
 * camera and apart from each other, so that as much is drawn as with real ones.
 */
final class RandomMet3r {
    private static final double DEVIATION = 0.02;
    private static final long ONE_FILE = Long.MAX_VALUE;
    private static final String LAST = ".dpt.head.4.";

    /** How far apart the points are: what the last layer's weights are multiplied by. */
    private static final double APART = 40;

    /** Of x, y and z, and of the confidence, before the exponential. */
    private static final float[] CENTRE = {0, 0, 1.6f, 0.3f};

    private RandomMet3r() {}

    static void write(Path folder, TorchDevice device) {
        var config = Dust3rConfig.published();
        var parameters = new Parameters();
        try {
            make(
                    folder,
                    Met3r.POINTS,
                    source ->
                            new Dust3r(
                                    new Weights(source, device, DType.FLOAT32, parameters),
                                    dust3r(),
                                    config));
            make(
                    folder,
                    Met3r.TOKENS,
                    source ->
                            new Dino(
                                    new Weights(source, device, DType.FLOAT32, parameters),
                                    dino(),
                                    config.dinoHeads()));
            make(
                    folder,
                    Met3r.LARGER,
                    source ->
                            new FeatureUpsampler(
                                    new Weights(source, device, DType.FLOAT32, parameters),
                                    featUp(),
                                    384));
        } finally {
            parameters.close();
        }
    }

    private interface Model {
        /** Takes every weight that it needs. */
        Object of(TensorSource source);
    }

    private static void make(Path folder, String file, Model model) {
        String name = file.replace(".safetensors", "");
        try (var shards = new RandomShards(folder, name, new Spread(), ONE_FILE)) {
            model.of(shards);
        }
        try {
            WholeFile.move(folder.resolve(name + "-00001.safetensors"), folder.resolve(file));
            Files.delete(folder.resolve(name + ".safetensors.index.json"));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + folder.resolve(file) + ": " + e, e);
        }
    }

    private static TensorShapes dust3r() {
        var shapes = new HashMap<String, long[]>();
        shapes.put("patch_embed.proj.weight", new long[] {1024, 3, 16, 16});
        blocks(shapes, "enc_blocks.", 24);
        blocks(shapes, "dec_blocks.", 12);
        shapes.put("decoder_embed.weight", new long[] {768, 1024});
        long[] channels = {96, 192, 384, 768};
        for (String head : new String[] {"downstream_head1.dpt.", "downstream_head2.dpt."}) {
            for (int i = 0; i < channels.length; i++) {
                shapes.put(
                        head + "act_postprocess." + i + ".0.weight",
                        new long[] {channels[i], i == 0 ? 1024 : 768, 1, 1});
                shapes.put(
                        head + "scratch.layer" + (i + 1) + "_rn.weight",
                        new long[] {256, channels[i], 3, 3});
            }
            shapes.put(head + "head.0.weight", new long[] {128, 256, 3, 3});
            shapes.put(head + "head.2.weight", new long[] {128, 128, 3, 3});
        }
        return new Published(shapes);
    }

    private static TensorShapes dino() {
        var shapes = new HashMap<String, long[]>();
        shapes.put("patch_embed.proj.weight", new long[] {384, 3, 16, 16});
        shapes.put("pos_embed", new long[] {1, 197, 384});
        blocks(shapes, "blocks.", 12);
        return new Published(shapes);
    }

    private static TensorShapes featUp() {
        var shapes = new HashMap<String, long[]>();
        for (int i = 1; i <= 4; i++) {
            shapes.put("upsampler.up" + i + ".range_proj.0.weight", new long[] {32, 3, 1, 1});
        }
        return new Published(shapes);
    }

    private static void blocks(Map<String, long[]> shapes, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            shapes.put(prefix + i + ".norm1.weight", new long[] {1});
        }
    }

    /** The shapes that the published files have, as far as a model asks for them. */
    private record Published(Map<String, long[]> shapes) implements TensorShapes {
        @Override
        public boolean has(String name) {
            return shapes.containsKey(name);
        }

        @Override
        public long[] shape(String name) {
            return Objects.requireNonNull(shapes.get(name), name);
        }

        @Override
        public String location() {
            return "the published sizes";
        }
    }

    /** Norms near one, and points apart from each other; without what only VGGT has. */
    private static final class Spread implements TensorSource {
        private final RandomTensors random = new RandomTensors(DEVIATION);

        @Override
        public Set<String> names() {
            return random.names();
        }

        @Override
        public boolean has(String name) {
            return !name.endsWith(".gamma");
        }

        @Override
        public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
            Tensor values = random.read(name, device, dtype, shape);
            if (name.contains("norm") && name.endsWith("weight")) {
                return TensorScope.compute(() -> Ops.add(values, 1));
            }
            if (name.endsWith(LAST + "weight")) {
                return TensorScope.compute(() -> Ops.mul(values, APART));
            }
            if (name.endsWith(LAST + "bias")) {
                return device.place(Ops.tensor(CENTRE, CENTRE.length), dtype);
            }
            return values;
        }

        @Override
        public String location() {
            return random.location();
        }

        @Override
        public void close() {
            random.close();
        }
    }
}
