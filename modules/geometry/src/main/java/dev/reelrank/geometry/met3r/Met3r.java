package dev.reelrank.geometry.met3r;

import dev.reelrank.geometry.score.SquareFrames;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.ranking.FrameSelection;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code met3r}: whether neighbouring frames show one scene (MEt3R, arXiv 2501.06336, with its
 * options {@code dust3r}, {@code dino16}, {@code featup}, {@code cosine}). Lower is better, 0..2.
 *
 * <p>Of a pair: {@link Dust3r} gives the points of both frames in the first camera's axes; {@link
 * Dino} features, enlarged by {@link FeatureUpsampler}, colour the points; both clouds are drawn
 * into the first camera ({@link PointSplat}); the score is the mean of {@code 1 − cosine} of the
 * two drawn features over the pixels that both cover. There is no test of what hides what.
 *
 * <p>The library defines pairs only. Of a video it is the mean over the neighbours among {@value
 * #FRAMES} frames, evenly spread, the square in the middle at {@value #SIDE} pixels. A video that
 * does not move has no score: each frame would agree with the next.
 */
public final class Met3r implements AutoCloseable {
    /** The name of the metric. */
    public static final String NAME = "met3r";

    static final String POINTS = "dust3r.safetensors";
    static final String TOKENS = "dino.safetensors";
    static final String LARGER = "featup.safetensors";

    /** The files of its folder. */
    public static final List<String> FILES = List.of(POINTS, TOKENS, LARGER);

    static final int FRAMES = 17;
    static final int SIDE = 256;

    /** Frames that differ less in the mean do not move, grey levels. */
    private static final double LEAST_CHANGE = 0.7;

    private static final float RADIUS = 0.01f;
    private static final double EPSILON = 1e-5;
    private static final double CERTAIN = 0.999;

    private final Parameters parameters;
    private final TorchDevice device;
    private final Dust3r dust3r;
    private final Dino dino;
    private final FeatureUpsampler upsampler;
    private final float radius;

    private Met3r(
            Parameters parameters,
            TorchDevice device,
            Dust3r dust3r,
            Dino dino,
            FeatureUpsampler upsampler,
            float radius) {
        this.parameters = parameters;
        this.device = device;
        this.dust3r = dust3r;
        this.dino = dino;
        this.upsampler = upsampler;
        this.radius = radius;
    }

    /**
     * Reads a folder with {@code dust3r.safetensors}, {@code dino.safetensors} and {@code
     * featup.safetensors}, and {@code config.json} if the numbers of heads are not the published
     * ones.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH, naming the file
     */
    public static Met3r load(Path folder, Device device) {
        return load(folder, device, RADIUS);
    }

    static Met3r load(Path folder, Device on, float radius) {
        var device = TorchDevice.of(on);
        var parameters = new Parameters();
        var config = Dust3rConfig.of(folder);
        try (var points = Checkpoint.open(folder.resolve(POINTS));
                var tokens = Checkpoint.open(folder.resolve(TOKENS));
                var larger = Checkpoint.open(folder.resolve(LARGER))) {
            var weights = new Weights(points, device, DType.FLOAT32, parameters);
            var dust3r = new Dust3r(weights, TensorShapes.of(points), config);
            weights.requireAllUsed();
            var dino =
                    new Dino(
                            new Weights(tokens, device, DType.FLOAT32, parameters),
                            TensorShapes.of(tokens),
                            config.dinoHeads());
            var upsampler =
                    new FeatureUpsampler(
                            new Weights(larger, device, DType.FLOAT32, parameters),
                            TensorShapes.of(larger),
                            dino.dim());
            return new Met3r(parameters, device, dust3r, dino, upsampler, radius);
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    /**
     * Writes random weights of the published sizes into a folder, for benchmarks: the scores mean
     * nothing then.
     *
     * @param folder exists
     * @throws StageException OUT_OF_DISK
     */
    public static void writeRandom(Path folder, Device device) {
        TorchRuntime.start();
        RandomMet3r.write(folder, TorchDevice.of(device));
    }

    /**
     * What a video got.
     *
     * @param score 0..2, lower is better; null if there is none
     * @param reason why there is none; null if there is one
     * @param pairs the score of each pair of neighbours; NaN where the clouds do not overlap
     * @param frames the indices that were looked at
     */
    public record Report(
            @Nullable Double score,
            @Nullable String reason,
            List<Double> pairs,
            List<Integer> frames) {
        public Report {
            pairs = List.copyOf(pairs);
            frames = List.copyOf(frames);
        }
    }

    /** The indices of the frames that are looked at, rising. */
    public static int[] chosen(int frames) {
        return FrameSelection.evenly(frames, FRAMES);
    }

    /**
     * Measures a video.
     *
     * @param count of its frames, at least one
     * @param frames asked for {@link #chosen} indices, rising
     */
    public Report measure(int count, IntFunction<RgbImage> frames) {
        int[] chosen = chosen(count);
        List<RgbImage> squares = new ArrayList<>();
        for (int index : chosen) {
            squares.add(SquareFrames.of(frames.apply(index), SIDE));
        }
        List<Integer> looked = Arrays.stream(chosen).boxed().toList();
        if (squares.size() < 2) {
            return new Report(null, "the video has one frame", List.of(), looked);
        }
        if (SquareFrames.change(squares) < LEAST_CHANGE) {
            return new Report(null, "nothing moves", List.of(), looked);
        }
        device.makeCurrent();
        List<Double> pairs = new ArrayList<>();
        try (var scope = TensorScope.inference()) {
            Tensor image = pixels(squares.get(0));
            Tensor features = features(image);
            for (int i = 1; i < squares.size(); i++) {
                Tensor next = pixels(squares.get(i));
                Tensor nextFeatures = features(next);
                pairs.add(pair(image, next, features, nextFeatures).orElse(Double.NaN));
                TensorScope.release(image, features);
                image = next;
                features = nextFeatures;
            }
        }
        OptionalDouble mean =
                pairs.stream().mapToDouble(p -> p).filter(p -> !Double.isNaN(p)).average();
        return mean.isEmpty()
                ? new Report(null, "no two frames have points in common", pairs, looked)
                : new Report(mean.getAsDouble(), null, pairs, looked);
    }

    /**
     * The enlarged features of a picture.
     *
     * @param image 0..1, shape (1, 3, side, side)
     * @return shape (1, dim, side, side)
     */
    Tensor features(Tensor image) {
        return TensorScope.compute(() -> upsampler.apply(dino.apply(image), image));
    }

    /** What DUSt3R sees; for comparing it. */
    List<Dust3r.View> views(Tensor one, Tensor two) {
        return dust3r.look(signed(one), signed(two));
    }

    /**
     * The score of two pictures.
     *
     * @param one 0..1, shape (1, 3, side, side)
     * @param two like one
     * @param ofOne {@link #features} of one
     * @param ofTwo {@link #features} of two
     * @return empty if no pixel shows both
     */
    OptionalDouble pair(Tensor one, Tensor two, Tensor ofOne, Tensor ofTwo) {
        int side = (int) one.size(2);
        try (var scope = TensorScope.inference()) {
            List<Dust3r.View> views = views(one, two);
            float[] first = Ops.floats(views.get(0).points());
            float[] second = Ops.floats(views.get(1).points());
            float[] focal =
                    Focal.of(
                            first,
                            second,
                            Ops.floats(views.get(0).confidence()),
                            Ops.floats(views.get(1).confidence()),
                            side,
                            CERTAIN);
            var a = PointSplat.of(first, focal[0], focal[1], side, radius);
            var b = PointSplat.of(second, focal[0], focal[1], side, radius);
            float[] mask = new float[side * side];
            float covered = 0;
            for (int i = 0; i < mask.length; i++) {
                mask[i] = a.covered(i) && b.covered(i) ? 1 : 0;
                covered += mask[i];
            }
            if (covered == 0) {
                return OptionalDouble.empty();
            }
            Tensor score =
                    TensorScope.compute(() -> differing(drawn(a, ofOne), drawn(b, ofTwo), mask));
            return OptionalDouble.of(Ops.floats(score)[0] / (covered + EPSILON));
        }
    }

    private static Tensor signed(Tensor image) {
        return TensorScope.compute(() -> Ops.add(Ops.mul(image, 2), -1));
    }

    /** The features as the camera sees them, shape (pixels, dim). */
    private Tensor drawn(PointSplat splat, Tensor features) {
        return TensorScope.compute(
                () -> {
                    long dim = features.size(1);
                    Tensor rows = features.select(0, 0).reshape(dim, -1).transpose(0, 1);
                    Tensor points = rows.contiguous();
                    int pixels = splat.index().length / PointSplat.MOST;
                    Tensor sum = null;
                    for (int k = 0; k < PointSplat.MOST; k++) {
                        long[] which = new long[pixels];
                        float[] weight = new float[pixels];
                        for (int i = 0; i < pixels; i++) {
                            which[i] = Math.max(0, splat.index()[i * PointSplat.MOST + k]);
                            weight[i] = splat.weight()[i * PointSplat.MOST + k];
                        }
                        Tensor before = sum;
                        Tensor next =
                                TensorScope.compute(
                                        () -> {
                                            Tensor index =
                                                    device.place(
                                                            Ops.tensor(which, pixels), DType.INT64);
                                            Tensor part =
                                                    points.index_select(0, index)
                                                            .mul(
                                                                    device.place(
                                                                            Ops.tensor(
                                                                                    weight, pixels,
                                                                                    1),
                                                                            DType.FLOAT32));
                                            return before == null ? part : before.add(part);
                                        });
                        if (before != null) {
                            before.close();
                        }
                        sum = next;
                    }
                    return Objects.requireNonNull(sum);
                });
    }

    private Tensor differing(Tensor one, Tensor two, float[] mask) {
        Tensor product = one.mul(two).sum(1);
        Tensor lengths = length(one).mul(length(two));
        Tensor apart = Ops.add(Ops.mul(product.div(Ops.add(lengths, EPSILON)), -1), 1);
        return apart.mul(device.place(Ops.tensor(mask, mask.length), DType.FLOAT32)).sum();
    }

    private static Tensor length(Tensor x) {
        return x.square().sum(new long[] {1}, false, new ScalarTypeOptional()).sqrt();
    }

    private Tensor pixels(RgbImage image) {
        return TensorScope.compute(
                () -> {
                    Tensor bytes =
                            device.place(
                                    Ops.tensor(image.rgb(), image.height(), image.width(), 3),
                                    DType.UINT8);
                    return Ops.to(bytes.permute(2, 0, 1).unsqueeze(0), DType.FLOAT32)
                            .div(new Scalar(255))
                            .contiguous();
                });
    }

    @Override
    public void close() {
        parameters.close();
    }
}
