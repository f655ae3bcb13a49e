package dev.reelrank.geometry.lpips;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * LPIPS, version 0.1, with VGG16: the squared differences of normalised features after five layers,
 * weighted per channel, averaged over the picture and summed. 0 for equal pictures.
 *
 * <p>A folder holds {@value #BACKBONE} (torchvision's VGG16) and {@value #LINEAR} (the published
 * linear layers), both under their published names.
 */
public final class Lpips implements AutoCloseable {
    /** The file of torchvision's VGG16. */
    public static final String BACKBONE = "vgg16.safetensors";

    /** The file of the linear layers. */
    public static final String LINEAR = "lpips.safetensors";

    private static final float[] SHIFT = {-0.030f, -0.088f, -0.188f};
    private static final float[] SCALE = {0.458f, 0.448f, 0.450f};
    private static final double EPSILON = 1e-10;

    /** Pictures that are compared at once. */
    private static final int BATCH = 5;

    /** Where torchvision's VGG16 has its convolutions, slice by slice. */
    private static final int[][] LAYERS = {
        {0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}
    };

    private static final int[] CHANNELS = {64, 128, 256, 512, 512};

    private final Parameters parameters;
    private final TorchDevice device;
    private final List<List<Conv2d>> slices = new ArrayList<>();
    private final List<Tensor> linear = new ArrayList<>();

    private Lpips(Weights backbone, Weights lines) {
        parameters = backbone.parameters();
        device = backbone.device();
        int in = 3;
        for (int slice = 0; slice < LAYERS.length; slice++) {
            List<Conv2d> convolutions = new ArrayList<>();
            for (int layer : LAYERS[slice]) {
                Weights at = backbone.child("features." + layer);
                convolutions.add(Conv2d.load(at, in, CHANNELS[slice], 3, 1, 1));
                in = CHANNELS[slice];
            }
            slices.add(convolutions);
            linear.add(lines.take("lin%d.model.1.weight".formatted(slice), 1, in, 1, 1));
        }
    }

    /**
     * Reads the two files of a folder.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH, naming the file
     */
    public static Lpips load(Path folder, Device device) {
        try (var backbone = Checkpoint.open(folder.resolve(BACKBONE));
                var lines = Checkpoint.open(folder.resolve(LINEAR))) {
            return of(backbone, lines, device);
        }
    }

    /** With random weights: for measuring how long it takes. */
    public static Lpips random(Device device) {
        try (var numbers = new RandomTensors(0.02)) {
            return of(numbers, numbers, device);
        }
    }

    static Lpips of(TensorSource backbone, TensorSource lines, Device on) {
        var device = TorchDevice.of(on);
        var parameters = new Parameters();
        try {
            return new Lpips(
                    new Weights(backbone, device, DType.FLOAT32, parameters),
                    new Weights(lines, device, DType.FLOAT32, parameters));
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    /**
     * Compares pictures one by one.
     *
     * @param first all of equal size, at least 16×16
     * @param second as many, of the same size
     * @return a distance per pair, at least 0
     */
    public double[] distances(List<RgbImage> first, List<RgbImage> second) {
        double[] distances = new double[first.size()];
        device.makeCurrent();
        for (int from = 0; from < distances.length; from += BATCH) {
            int to = Math.min(distances.length, from + BATCH);
            try (var scope = TensorScope.inference()) {
                Tensor[] layers =
                        layers(pixels(first.subList(from, to)), pixels(second.subList(from, to)));
                for (Tensor layer : layers) {
                    float[] values = Ops.floats(layer);
                    for (int i = 0; i < values.length; i++) {
                        distances[from + i] += values[i];
                    }
                }
            }
        }
        return distances;
    }

    /**
     * What each of the five layers adds.
     *
     * @param first 0..1, float32, shape (pictures, 3, height, width)
     * @param second like first
     * @return five tensors, shape (pictures)
     */
    Tensor[] layers(Tensor first, Tensor second) {
        return TensorScope.computeAll(
                () -> {
                    Tensor[] sums = new Tensor[LAYERS.length];
                    long count = first.size(0);
                    // Both pictures pass together.
                    Tensor x = scaled(Ops.cat(0, first, second));
                    for (int i = 0; i < sums.length; i++) {
                        Tensor features = features(x, i);
                        x.close();
                        Tensor weight = linear.get(i);
                        sums[i] = TensorScope.compute(() -> difference(features, count, weight));
                        x = features;
                    }
                    return sums;
                });
    }

    private Tensor features(Tensor x, int slice) {
        return TensorScope.compute(
                () -> {
                    Tensor y =
                            slice == 0
                                    ? x
                                    : torch.max_pool2d(
                                            x,
                                            new long[] {2, 2},
                                            new long[] {2, 2},
                                            new long[] {0, 0},
                                            new long[] {1, 1},
                                            false);
                    for (Conv2d convolution : slices.get(slice)) {
                        y = torch.relu(convolution.apply(y));
                    }
                    return y;
                });
    }

    private static Tensor difference(Tensor features, long count, Tensor weight) {
        Tensor length =
                features.square().sum(new long[] {1}, true, new ScalarTypeOptional()).sqrt();
        Tensor even = features.div(Ops.add(length, EPSILON));
        Tensor off = even.narrow(0, 0, count).sub(even.narrow(0, count, count)).square();
        return off.mul(weight).sum(1).mean(1, 2);
    }

    private Tensor scaled(Tensor pictures) {
        Tensor even = Ops.add(Ops.mul(pictures, 2), -1);
        return even.sub(device.place(Ops.tensor(SHIFT, 1, 3, 1, 1), DType.FLOAT32))
                .div(device.place(Ops.tensor(SCALE, 1, 3, 1, 1), DType.FLOAT32));
    }

    private Tensor pixels(List<RgbImage> pictures) {
        Tensor[] all = new Tensor[pictures.size()];
        for (int i = 0; i < all.length; i++) {
            RgbImage picture = pictures.get(i);
            all[i] = Ops.tensor(picture.rgb(), picture.height(), picture.width(), 3);
        }
        Tensor bytes = device.place(Ops.stack(0, all), DType.UINT8).permute(0, 3, 1, 2);
        return Ops.to(bytes, DType.FLOAT32).div(new Scalar(255)).contiguous();
    }

    @Override
    public void close() {
        parameters.close();
    }
}
