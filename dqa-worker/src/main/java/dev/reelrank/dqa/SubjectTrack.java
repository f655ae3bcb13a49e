package dev.reelrank.dqa;

import dev.reelrank.grading.spatial.Pose;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.grading.spatial.Trace;
import dev.reelrank.video.FlowField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Follows a thing through a video: points on its mask in the first frame are carried along by the
 * optical flow, and so are points of the background, whose median way is the camera's.
 */
final class SubjectTrack {
    /** Longer videos are followed in larger steps. */
    private static final int STEPS = 48;

    /** Points of a thing's patch a side. */
    private static final int POINTS = 2;

    /** A point that goes less than this share of the picture stands still. */
    private static final double STILL = 0.012;

    /**
     * A mask holds some background, which stands still: only points count that go at least this
     * share of what the fastest ones go.
     */
    private static final double ALONG = 0.25;

    /** Fewer points tell nothing. */
    private static final int FEW = 4;

    private final Segmentation mask;
    private final int thing;

    private SubjectTrack(Segmentation mask, int thing) {
        this.mask = mask;
        this.thing = thing;
    }

    /**
     * @param thing index of the object to follow
     */
    static SubjectTrack of(Arrangement arrangement, int thing) {
        return new SubjectTrack(arrangement.pictures().get(0), thing);
    }

    /**
     * A thing that was followed.
     *
     * @param looks how its points look on the way, null where there are none
     */
    record Followed(Trace trace, @Nullable PointLooks looks) {}

    /** The way of the thing; one that was not found does not move. */
    Followed follow(Flows flows) {
        int width = flows.frames().get(0).width();
        int height = flows.frames().get(0).height();
        int side = Math.min(width, height);
        int last = flows.frames().size() - 1;
        int step = Math.max(1, (last + STEPS - 1) / STEPS);
        float[] start = points(width, height);
        float[] ground = ground(width, height);
        float[] now = start.clone();
        float[] groundNow = ground.clone();
        double[] ways = new double[start.length / 2];
        double[] reach = new double[ways.length];
        List<float[]> seen = new ArrayList<>();
        List<float[]> places = new ArrayList<>(List.of(start));
        List<Integer> frames = new ArrayList<>(List.of(0));
        for (int from = 0; from < last; from += step) {
            FlowField flow = flows.between(from, Math.min(last, from + step));
            float[] before = now.clone();
            float[] groundBefore = groundNow.clone();
            carry(now, flow);
            carry(groundNow, flow);
            double panX = median(groundBefore, groundNow, 0);
            double panY = median(groundBefore, groundNow, 1);
            for (int i = 0; i < ways.length; i++) {
                double way =
                        Math.hypot(
                                now[2 * i] - before[2 * i] - panX,
                                now[2 * i + 1] - before[2 * i + 1] - panY);
                ways[i] += Double.isNaN(way) ? 0 : way;
            }
            float[] own = against(now, median(ground, groundNow, 0), median(ground, groundNow, 1));
            for (int i = 0; i < reach.length; i++) {
                double away =
                        Math.hypot(own[2 * i] - start[2 * i], own[2 * i + 1] - start[2 * i + 1]);
                // What left the picture is far away.
                reach[i] = Math.max(reach[i], Double.isNaN(away) ? side : away);
            }
            seen.add(own);
            places.add(now.clone());
            frames.add(Math.min(last, from + step));
        }
        int[] moving = moving(ways, side);
        int[] looked = moving.length < FEW ? IntStream.range(0, ways.length).toArray() : moving;
        var looks =
                looked.length < FEW
                        ? null
                        : PointLooks.of(
                                flows.frames(),
                                frames,
                                places.stream().map(p -> chosen(p, looked)).toList(),
                                side);
        return new Followed(
                trace(start, ways, moving, furthest(reach) / side, seen, width, height, side),
                looks);
    }

    private static int[] moving(double[] ways, int side) {
        double most = quantile(ways, 0.9);
        return IntStream.range(0, ways.length)
                .filter(i -> ways[i] >= Math.max(STILL * side, ALONG * most))
                .toArray();
    }

    /** Mean of the quarter that went furthest away. */
    private static double furthest(double[] reach) {
        double[] sorted = reach.clone();
        Arrays.sort(sorted);
        return Arrays.stream(sorted, sorted.length * 3 / 4, sorted.length).average().orElse(0);
    }

    private static Trace trace(
            float[] start,
            double[] ways,
            int[] moving,
            double unrest,
            List<float[]> seen,
            int width,
            int height,
            int side) {
        double stir = Arrays.stream(moving).mapToDouble(i -> ways[i]).average().orElse(0) / side;
        List<Pose> poses = new ArrayList<>(List.of(Pose.START));
        float[] from = chosen(start, moving);
        for (float[] now : seen) {
            poses.add(
                    Pose.between(
                            from, chosen(now, moving), width, height, poses.get(poses.size() - 1)));
        }
        return new Trace(poses, stir, unrest);
    }

    /** Some points on every patch of the thing. */
    private float[] points(int width, int height) {
        var all = new ArrayList<Float>();
        for (int p = 0; p < mask.labels().length; p++) {
            if (mask.labels()[p] == thing) {
                int column = p % mask.width();
                int row = p / mask.width();
                for (int i = 0; i < POINTS; i++) {
                    for (int j = 0; j < POINTS; j++) {
                        all.add((column + (j + 0.5f) / POINTS) * width / mask.width());
                        all.add((row + (i + 0.5f) / POINTS) * height / mask.height());
                    }
                }
            }
        }
        return array(all);
    }

    /** The middle of every patch that neither is nor touches a thing. */
    private float[] ground(int width, int height) {
        var all = new ArrayList<Float>();
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                if (isGround(x, y)) {
                    all.add((x + 0.5f) * width / mask.width());
                    all.add((y + 0.5f) * height / mask.height());
                }
            }
        }
        return array(all);
    }

    private boolean isGround(int x, int y) {
        for (int v = Math.max(0, y - 1); v <= Math.min(mask.height() - 1, y + 1); v++) {
            for (int u = Math.max(0, x - 1); u <= Math.min(mask.width() - 1, x + 1); u++) {
                if (mask.labels()[v * mask.width() + u] < mask.objects()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Moves points along a flow, read between pixels; what leaves the picture becomes NaN. */
    private static void carry(float[] points, FlowField flow) {
        for (int i = 0; i < points.length; i += 2) {
            float x = points[i];
            float y = points[i + 1];
            if (Float.isNaN(x)) {
                continue;
            }
            int x0 = Math.min((int) x, flow.width() - 2);
            int y0 = Math.min((int) y, flow.height() - 2);
            float fx = Math.min(1, x - x0);
            float fy = Math.min(1, y - y0);
            float u =
                    (flow.u(x0, y0) * (1 - fx) + flow.u(x0 + 1, y0) * fx) * (1 - fy)
                            + (flow.u(x0, y0 + 1) * (1 - fx) + flow.u(x0 + 1, y0 + 1) * fx) * fy;
            float v =
                    (flow.v(x0, y0) * (1 - fx) + flow.v(x0 + 1, y0) * fx) * (1 - fy)
                            + (flow.v(x0, y0 + 1) * (1 - fx) + flow.v(x0 + 1, y0 + 1) * fx) * fy;
            boolean inside =
                    x + u >= 0
                            && y + v >= 0
                            && x + u <= flow.width() - 1
                            && y + v <= flow.height() - 1;
            points[i] = inside ? x + u : Float.NaN;
            points[i + 1] = inside ? y + v : Float.NaN;
        }
    }

    private static float[] against(float[] points, double panX, double panY) {
        float[] still = points.clone();
        for (int i = 0; i < still.length; i += 2) {
            still[i] -= (float) panX;
            still[i + 1] -= (float) panY;
        }
        return still;
    }

    /** Of the displacements along one axis; 0 without points. */
    private static double median(float[] from, float[] to, int axis) {
        double[] ways =
                IntStream.range(0, from.length / 2)
                        .mapToDouble(i -> to[2 * i + axis] - from[2 * i + axis])
                        .filter(w -> !Double.isNaN(w))
                        .toArray();
        return quantile(ways, 0.5);
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))];
    }

    private static float[] chosen(float[] points, int[] which) {
        float[] some = new float[which.length * 2];
        for (int i = 0; i < which.length; i++) {
            some[2 * i] = points[2 * which[i]];
            some[2 * i + 1] = points[2 * which[i] + 1];
        }
        return some;
    }

    private static float[] array(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
