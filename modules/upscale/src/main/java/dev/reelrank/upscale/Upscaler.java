package dev.reelrank.upscale;

import dev.reelrank.hub.checkpoint.Convert;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Enlarges pictures with a published Real-ESRGAN, part by part, so that memory does not grow with
 * the picture. Parts overlap; what is computed of the overlap is thrown away. Not thread-safe.
 */
public final class Upscaler implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final RrdbNet network;
    private final TorchDevice device;
    private final DType dtype;
    private final UpscaleOptions options;

    private Upscaler(
            Checkpoint checkpoint, RrdbNet network, TorchDevice device, UpscaleOptions options) {
        this.checkpoint = checkpoint;
        this.network = network;
        this.device = device;
        this.dtype = options.dtype();
        this.options = options;
    }

    /**
     * Loads the weights.
     *
     * @param weights a .pth as published, a .safetensors, or the .bin of ncnn with its .param
     *     beside it
     * @throws StageException MODEL_MISSING, MODEL_MISMATCH, INVALID_CONFIG for a device that is not
     *     there
     */
    public static Upscaler load(Path weights, Device where, UpscaleOptions options) {
        TorchDevice device = TorchDevice.of(where);
        Path converted = null;
        try {
            Path file = weights;
            if (!isSafetensors(weights)) {
                converted = Files.createTempFile("reelrank-upscale", ".safetensors");
                convert(weights, converted);
                file = converted;
            }
            var checkpoint = Checkpoint.open(file);
            try {
                var network = RrdbNet.load(checkpoint, device, options.dtype());
                return new Upscaler(checkpoint, network, device, options);
            } catch (RuntimeException e) {
                checkpoint.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "the weights in %s cannot be converted in the folder for temporary files: %s"
                            .formatted(weights, e),
                    e);
        } finally {
            delete(converted);
        }
    }

    private static boolean isSafetensors(Path weights) {
        return weights.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
    }

    private static void convert(Path weights, Path to) {
        if (!Files.isRegularFile(weights)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no file %s: name the weights of a Real-ESRGAN, for example RealESRGAN_x4plus.pth"
                            .formatted(weights));
        }
        if (weights.toString().toLowerCase(Locale.ROOT).endsWith(".bin")) {
            NcnnFile.convert(weights, to);
            return;
        }
        try {
            Convert.run(weights, to, "params_ema", true);
        } catch (StageException e) {
            if (e.code() != FailureCode.INVALID_CONFIG) {
                throw e;
            }
            // Checkpoints without an average of the weights have them under params, or at the top.
            Convert.run(weights, to, "", true);
        }
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // It lies in the folder for temporary files, which the system clears.
            file.toFile().deleteOnExit();
        }
    }

    /** How many times larger its pictures are: 4, or 2. */
    public int scale() {
        return network.scale();
    }

    /**
     * Enlarges a picture.
     *
     * @return {@link #scale} times as wide and high
     */
    public RgbImage enlarge(RgbImage picture) {
        int scale = scale();
        var out =
                new byte
                        [Math.multiplyExact(
                                Math.multiplyExact(
                                        scale * picture.width(), scale * picture.height()),
                                3)];
        List<Tile> tiles = Tile.cover(picture.width(), picture.height(), options);
        for (int from = 0; from < tiles.size(); ) {
            int to = from + 1;
            // Only equal sizes fit into one batch.
            while (to < tiles.size()
                    && to - from < options.batch()
                    && tiles.get(to).sameSize(tiles.get(from))) {
                to++;
            }
            compute(picture, tiles.subList(from, to), out);
            from = to;
        }
        return new RgbImage(scale * picture.width(), scale * picture.height(), out);
    }

    private void compute(RgbImage picture, List<Tile> tiles, byte[] out) {
        try (var scope = TensorScope.inference()) {
            var inputs = new ArrayList<Tensor>();
            for (Tile tile : tiles) {
                inputs.add(
                        Ops.tensor(tile.cut(picture), tile.height(), tile.width(), 3)
                                .permute(2, 0, 1));
            }
            Tensor batch = device.place(Ops.stack(0, inputs.toArray(Tensor[]::new)), DType.FLOAT32);
            Tensor pictures = device.place(Ops.mul(batch, 1 / 255.0), dtype).contiguous();
            float[] values = Ops.floats(network.apply(pictures).permute(0, 2, 3, 1));
            int each = values.length / tiles.size();
            for (int i = 0; i < tiles.size(); i++) {
                tiles.get(i).paste(values, i * each, scale(), picture.width(), out);
            }
        }
    }

    @Override
    public void close() {
        network.close();
        checkpoint.close();
    }
}
