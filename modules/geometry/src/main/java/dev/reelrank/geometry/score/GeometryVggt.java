package dev.reelrank.geometry.score;

import dev.reelrank.geometry.lpips.Lpips;
import dev.reelrank.geometry.scene.MotionNorm;
import dev.reelrank.geometry.scene.Mvcs;
import dev.reelrank.geometry.scene.Reconstruction;
import dev.reelrank.geometry.scene.Reprojection;
import dev.reelrank.geometry.vggt.Vggt;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code geometry_vggt}: how far the frames of a video are from one rigid world, as VideoGPA scores
 * them (arXiv 2601.23286, {@code metrics/consistency_score.py}). Lower is better.
 *
 * <p>Ten frames, evenly over the video, the square in the middle; VGGT gives a camera per frame and
 * a point per pixel; the coloured points of all frames are seen by each camera again ({@link
 * Reprojection}); the score is the mean over the frames of {@code MSE + LPIPS} between a frame and
 * its reprojection, values 0..1. Without LPIPS weights the score is the MSE alone and has another
 * name, {@code geometry_vggt_mse}.
 *
 * <p>Stillness: in a video that hardly moves every frame fits every other, so it would win. A video
 * has no score if its frames differ by less than {@value #LEAST_CHANGE} grey levels in the mean, if
 * more than half of them differ from the one before by less than {@value #STILL_CHANGE}, or if
 * {@link MotionNorm} is below {@value #LEAST_MOTION} (VideoGPA's own limit for pairs).
 */
public final class GeometryVggt implements AutoCloseable {
    /** The name of the metric. */
    public static final String NAME = "geometry_vggt";

    /** The name of the metric without LPIPS. */
    public static final String NAME_MSE = "geometry_vggt_mse";

    static final int FRAMES = 10;
    static final double LEAST_MOTION = 0.001;
    static final double LEAST_CHANGE = 0.7;

    /** Below this a frame is the one before it, encoded once more; grey levels. */
    static final double STILL_CHANGE = 0.35;

    /** Frames whose values spread less show nothing, grey levels. */
    private static final double LEAST_SPREAD = 2;

    private final Vggt vggt;
    private final @Nullable Lpips lpips;
    private final String model;

    /**
     * @param vggt closed with the score
     * @param lpips closed with the score; null for the MSE alone
     * @param model what reports say the figures come from
     */
    public GeometryVggt(Vggt vggt, @Nullable Lpips lpips, String model) {
        this.vggt = vggt;
        this.lpips = lpips;
        this.model = model;
    }

    /**
     * From the folders of the models.
     *
     * @param vggt with the weights of VGGT
     * @param lpips with the weights of LPIPS; null for the MSE alone
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH, naming the file
     */
    public static GeometryVggt load(Path vggt, @Nullable Path lpips, Device device) {
        var model = Vggt.load(vggt, device);
        try {
            return new GeometryVggt(
                    model, lpips == null ? null : Lpips.load(lpips, device), vggt.toString());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** {@link #NAME} or {@link #NAME_MSE}. */
    public String metric() {
        return lpips == null ? NAME_MSE : NAME;
    }

    /** The indices of the frames that are looked at, rising: those of numpy's integer linspace. */
    public static int[] chosen(int frames) {
        return IntStream.range(0, FRAMES)
                .map(i -> (int) ((long) i * (frames - 1) / (FRAMES - 1)))
                .distinct()
                .toArray();
    }

    /**
     * A report and pictures that explain it.
     *
     * @param pictures by the ends of their names: {@code reprojection}, {@code cloud}; none if the
     *     model was not asked
     */
    public record Explained(GeometryReport report, Map<String, BufferedImage> pictures) {
        public Explained {
            pictures = Collections.unmodifiableMap(pictures);
        }
    }

    /** The same as {@link #measure(int, IntFunction)}, with pictures. */
    public Explained explain(int count, IntFunction<RgbImage> frames) {
        Looked looked = look(count, frames);
        Reconstruction scene = looked.scene();
        if (scene == null || scene.fault().isPresent()) {
            return new Explained(looked.report(), Map.of());
        }
        return new Explained(
                looked.report(), GeometryPictures.of(looked.frames(), scene, looked.views()));
    }

    /** A report and what it was computed from. */
    private record Looked(
            GeometryReport report,
            List<RgbImage> frames,
            @Nullable Reconstruction scene,
            List<RgbImage> views) {}

    /**
     * Measures a video.
     *
     * @param frames all of equal size, at least one
     */
    public GeometryReport measure(List<RgbImage> frames) {
        return measure(frames.size(), frames::get);
    }

    /**
     * Measures a video.
     *
     * @param count of its frames, at least one
     * @param frames asked for {@link #chosen} indices, rising
     */
    public GeometryReport measure(int count, IntFunction<RgbImage> frames) {
        return look(count, frames).report();
    }

    private Looked look(int count, IntFunction<RgbImage> frames) {
        int[] chosen = chosen(count);
        List<RgbImage> squares = new ArrayList<>();
        for (int index : chosen) {
            squares.add(SquareFrames.of(frames.apply(index), vggt.side()));
        }
        double change = SquareFrames.change(squares);
        String unfit = unfit(squares, change);
        if (unfit != null) {
            return new Looked(none(unfit, change, chosen), squares, null, List.of());
        }
        Reconstruction scene = vggt.look(squares);
        double motion = MotionNorm.of(scene.cameras());
        String reason = scene.fault().orElse(null);
        if (reason == null && motion < LEAST_MOTION) {
            reason = "the camera does not move";
        }
        if (reason != null) {
            return new Looked(none(reason, change, chosen), squares, scene, List.of());
        }
        List<RgbImage> views = new Reprojection(scene, squares).views();
        return new Looked(
                report(scene, squares, views, motion, change, chosen), squares, scene, views);
    }

    private GeometryReport report(
            Reconstruction scene,
            List<RgbImage> frames,
            List<RgbImage> views,
            double motion,
            double change,
            int[] chosen) {
        double mse =
                IntStream.range(0, frames.size())
                        .mapToDouble(
                                i -> Reprojection.meanSquaredError(frames.get(i), views.get(i)))
                        .average()
                        .orElseThrow();
        Double look =
                lpips == null
                        ? null
                        : Arrays.stream(lpips.distances(frames, views)).average().orElseThrow();
        OptionalDouble mvcs = Mvcs.of(scene);
        return new GeometryReport(
                metric(),
                look == null ? mse : mse + look,
                null,
                mse,
                look,
                mvcs.isPresent() ? mvcs.getAsDouble() : null,
                motion,
                change,
                Arrays.stream(chosen).boxed().toList(),
                model);
    }

    private GeometryReport none(String reason, double change, int[] chosen) {
        return new GeometryReport(
                metric(),
                null,
                reason,
                null,
                null,
                null,
                null,
                change,
                Arrays.stream(chosen).boxed().toList(),
                model);
    }

    /** Why a model need not look at frames; null if it should. */
    private static @Nullable String unfit(List<RgbImage> frames, double change) {
        if (frames.size() < 2) {
            return "the video has one frame";
        }
        if (frames.stream().allMatch(frame -> spread(frame) < LEAST_SPREAD)) {
            return "the frames show nothing";
        }
        if (change < LEAST_CHANGE) {
            return "nothing moves";
        }
        // What stands still fits itself: a clip that freezes would win against one that goes on.
        double[] changes = SquareFrames.changes(frames);
        long still = Arrays.stream(changes).filter(c -> c < STILL_CHANGE).count();
        return 2 * still > changes.length ? "most of it stands still" : null;
    }

    private static double spread(RgbImage frame) {
        double sum = 0;
        double squares = 0;
        for (byte value : frame.rgb()) {
            int level = value & 0xff;
            sum += level;
            squares += level * level;
        }
        double mean = sum / frame.rgb().length;
        return Math.sqrt(Math.max(0, squares / frame.rgb().length - mean * mean));
    }

    @Override
    public void close() {
        vggt.close();
        if (lpips != null) {
            lpips.close();
        }
    }
}
