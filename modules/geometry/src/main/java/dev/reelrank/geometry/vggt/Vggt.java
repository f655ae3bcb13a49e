package dev.reelrank.geometry.vggt;

import dev.reelrank.geometry.layers.BlockKernels;
import dev.reelrank.geometry.scene.Camera;
import dev.reelrank.geometry.scene.Reconstruction;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * VGGT: cameras, depth and points from frames of one scene. On a GPU the aggregator computes in
 * bfloat16, as published; the heads, and everything on the CPU, in float32.
 */
public final class Vggt implements AutoCloseable {
    /** Frames that the dense heads take at once: as published, for the memory. */
    private static final int CHUNK = 8;

    private static final int POINT_CHANNELS = 4;
    private static final int DEPTH_CHANNELS = 2;

    private final Parameters parameters;
    private final @Nullable BlockKernels kernels;
    private final VggtConfig config;
    private final TorchDevice device;
    private final Aggregator aggregator;
    private final CameraHead cameraHead;
    private final DenseHead pointHead;
    private final DenseHead depthHead;

    private Vggt(Weights weights, VggtConfig config, @Nullable BlockKernels kernels) {
        this.parameters = weights.parameters();
        this.config = config;
        this.kernels = kernels;
        this.device = weights.device();
        aggregator = new Aggregator(weights.child("aggregator"), config, kernels);
        Weights wide = weights.as(DType.FLOAT32);
        cameraHead = new CameraHead(wide.child("camera_head"), config);
        var waves = new PositionWaves(parameters, device);
        pointHead = new DenseHead(wide.child("point_head"), config, waves, POINT_CHANNELS);
        depthHead = new DenseHead(wide.child("depth_head"), config, waves, DEPTH_CHANNELS);
    }

    /**
     * Reads a folder with {@code model.safetensors} (or shards with an index) and {@code
     * config.json}.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH, naming the file
     */
    public static Vggt load(Path folder, Device device) {
        try (var files = Checkpoint.open(folder)) {
            return build(files, VggtConfig.of(folder, files), device);
        }
    }

    /** VGGT-1B with random weights: for measuring how long it takes. */
    public static Vggt random(Device device) {
        try (var numbers = new RandomWeights()) {
            return build(numbers, VggtConfig.PUBLISHED, device);
        }
    }

    private static Vggt build(TensorSource source, VggtConfig config, Device on) {
        var device = TorchDevice.of(on);
        DType dtype = device.isCuda() ? DType.BFLOAT16 : DType.FLOAT32;
        var kernels = BlockKernels.where(device, dtype, config.dim(), config.heads());
        var parameters = new Parameters();
        try {
            var weights = new Weights(source, device, dtype, parameters);
            var model = new Vggt(weights, config, kernels);
            source.names().stream()
                    .filter(name -> name.startsWith("track_head."))
                    .forEach(weights::ignore);
            weights.requireAllUsed();
            return model;
        } catch (RuntimeException e) {
            closeAll(kernels, parameters);
            throw e;
        }
    }

    private static void closeAll(@Nullable BlockKernels kernels, Parameters parameters) {
        if (kernels != null) {
            kernels.close();
        }
        parameters.close();
    }

    /** The side of the square frames that this model was trained on, pixels. */
    public int side() {
        return config.imageSize();
    }

    /**
     * Looks at frames of one scene. The first is the world.
     *
     * @param frames of equal size, at least one; sides are multiples of a patch
     */
    public Reconstruction look(List<RgbImage> frames) {
        RgbImage any = frames.get(0);
        int width = any.width();
        int height = any.height();
        if (width % config.patch() != 0 || height % config.patch() != 0) {
            throw new IllegalArgumentException(
                    "%d×%d pixels are not whole patches of %d"
                            .formatted(width, height, config.patch()));
        }
        device.makeCurrent();
        try (var scope = TensorScope.inference()) {
            Found found = look(pixels(frames));
            // The arrays are made while a GPU still computes: zeros for 54 MB take their time.
            int pixels = frames.size() * width * height;
            float[] depth = new float[pixels];
            float[] confidence = new float[pixels];
            float[] points = new float[3 * pixels];
            float[] poses = Ops.floats(found.poses());
            List<Camera> cameras = new ArrayList<>();
            for (int i = 0; i < frames.size(); i++) {
                float[] pose =
                        Arrays.copyOfRange(poses, i * CameraHead.POSE, (i + 1) * CameraHead.POSE);
                cameras.add(Camera.of(pose, width, height));
            }
            Ops.floats(found.depth(), depth);
            Ops.floats(found.confidence(), confidence);
            Ops.floats(found.points(), points);
            return new Reconstruction(width, height, cameras, depth, confidence, points);
        }
    }

    /**
     * What the network gives for frames.
     *
     * @param poses shape (frames, 9)
     * @param depth shape (frames, height, width)
     * @param confidence of the depth, shape (frames, height, width)
     * @param points shape (frames, height, width, 3)
     */
    record Found(Tensor poses, Tensor depth, Tensor confidence, Tensor points) {}

    /**
     * The network itself; its results belong to the open scope.
     *
     * @param frames 0..1, float32, shape (frames, 3, height, width)
     */
    Found look(Tensor frames) {
        Tensor[] found = TensorScope.computeAll(() -> found(frames));
        return new Found(found[0], found[1], found[2], found[3]);
    }

    private Tensor[] found(Tensor frames) {
        List<Tensor> tokens = aggregator.apply(frames);
        int last = tokens.size() - 1;
        Tensor poses = cameraHead.apply(tokens.get(last));
        List<Tensor> depths = new ArrayList<>();
        List<Tensor> points = new ArrayList<>();
        for (long from = 0; from < frames.size(0); from += CHUNK) {
            long at = from;
            long count = Math.min(CHUNK, frames.size(0) - from);
            List<Tensor> part =
                    tokens.subList(0, last).stream().map(t -> t.narrow(0, at, count)).toList();
            depths.add(depthHead.apply(part, frames.size(2), frames.size(3)));
            points.add(pointHead.apply(part, frames.size(2), frames.size(3)));
        }
        Tensor depth = Ops.cat(0, depths.toArray(new Tensor[0]));
        Tensor point = Ops.cat(0, points.toArray(new Tensor[0])).narrow(1, 0, 3);
        return new Tensor[] {
            poses,
            depth.select(1, 0).exp(),
            Ops.add(depth.select(1, 1).exp(), 1),
            point.sign().mul(point.abs().expm1()).permute(0, 2, 3, 1)
        };
    }

    /** The tokens that the heads read; for comparing them. */
    List<Tensor> tokens(Tensor frames) {
        return aggregator.apply(frames);
    }

    private Tensor pixels(List<RgbImage> frames) {
        Tensor[] all = new Tensor[frames.size()];
        for (int i = 0; i < all.length; i++) {
            RgbImage frame = frames.get(i);
            all[i] = Ops.tensor(frame.rgb(), frame.height(), frame.width(), 3);
        }
        // In one copy: the device waits for each.
        Tensor bytes = device.place(Ops.stack(0, all), DType.UINT8).permute(0, 3, 1, 2);
        return Ops.to(bytes, DType.FLOAT32).div(new Scalar(255)).contiguous();
    }

    @Override
    public void close() {
        closeAll(kernels, parameters);
    }
}
