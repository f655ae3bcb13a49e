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
import dev.reelrank.torch.SideThread;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.Weights;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Scalar;
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

    /** Pairs whose clouds threads draw while the device looks at the next ones. */
    private static final int AHEAD = 3;

    private final Parameters parameters;
    private final TorchDevice device;
    private final Dust3r dust3r;
    private final Dino dino;
    private final FeatureUpsampler upsampler;
    private final float radius;
    private final CloudScore score;
    private final ExecutorService drawing;

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
        score = new CloudScore(device);
        drawing =
                Executors.newFixedThreadPool(
                        AHEAD,
                        task -> {
                            var thread = new Thread(task, "met3r-clouds");
                            thread.setDaemon(true);
                            return thread;
                        });
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
        List<Double> pairs = pairs(squares);
        OptionalDouble mean =
                pairs.stream().mapToDouble(p -> p).filter(p -> !Double.isNaN(p)).average();
        return mean.isEmpty()
                ? new Report(null, "no two frames have points in common", pairs, looked)
                : new Report(mean.getAsDouble(), null, pairs, looked);
    }

    /** The scores of neighbours; NaN where nothing is shown by both. */
    private List<Double> pairs(List<RgbImage> squares) {
        List<Double> pairs = new ArrayList<>();
        var waiting = new ArrayDeque<Future<Clouds>>();
        try (var scope = TensorScope.inference()) {
            List<Tensor> images = squares.stream().map(this::pixels).toList();
            var grid = dust3r.grid(images.get(0));
            Tensor seen = encoded(images.get(0), grid);
            Tensor features = features(images.get(0));
            for (int next = 1; next < images.size(); next++) {
                Tensor other = encoded(images.get(next), grid);
                waiting.add(clouds(seen, other, grid));
                TensorScope.release(seen);
                seen = other;
                boolean last = next == images.size() - 1;
                while (waiting.size() > (last ? 0 : AHEAD)) {
                    Clouds clouds = SideThread.await(waiting.remove());
                    Tensor after = features(images.get(pairs.size() + 1));
                    pairs.add(score.of(clouds, features, after).orElse(Double.NaN));
                    TensorScope.release(features);
                    features = after;
                }
            }
        } finally {
            waiting.forEach(drawn -> drawn.cancel(true));
        }
        return pairs;
    }

    private Tensor encoded(Tensor image, Dust3r.Grid grid) {
        return dust3r.encode(signed(image), grid);
    }

    /** Has the clouds of two pictures drawn, which {@link #encoded} made. */
    private Future<Clouds> clouds(Tensor one, Tensor two, Dust3r.Grid grid) {
        float[] first;
        float[] second;
        float[] sureFirst;
        float[] sureSecond;
        int side;
        try (var scope = TensorScope.inference()) {
            List<Dust3r.View> views = dust3r.look(one, two, grid);
            first = Ops.floats(views.get(0).points());
            second = Ops.floats(views.get(1).points());
            sureFirst = Ops.floats(views.get(0).confidence());
            sureSecond = Ops.floats(views.get(1).confidence());
            side = (int) views.get(0).confidence().size(0);
        }
        return drawing.submit(() -> Clouds.of(first, second, sureFirst, sureSecond, side, radius));
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
        var grid = dust3r.grid(one);
        return dust3r.look(encoded(one, grid), encoded(two, grid), grid);
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
        try (var scope = TensorScope.inference()) {
            var grid = dust3r.grid(one);
            var clouds = clouds(encoded(one, grid), encoded(two, grid), grid);
            return score.of(SideThread.await(clouds), ofOne, ofTwo);
        }
    }

    private static Tensor signed(Tensor image) {
        return TensorScope.compute(() -> Ops.add(Ops.mul(image, 2), -1));
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
        drawing.shutdownNow();
        parameters.close();
    }
}
