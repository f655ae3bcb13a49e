package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a clip of a scene should have been, and how far a generated one is from it. Every measure
 * compares with pixels that the renderer knows to be right; no model takes part.
 */
public final class Truth {
    private static final int NEAR = 4;

    private final Scene scene;
    private final int frames;
    private final Clip clip;
    private final Clip without;
    private final Motion motion;

    /**
     * Renders the truth.
     *
     * @param frames how many frames the clips to be measured have
     */
    public Truth(Scene scene, int frames) {
        this.scene = scene;
        this.frames = frames;
        this.clip = Renderer.render(scene, frames);
        this.without = Renderer.withoutFirst(scene, frames);
        this.motion = new Motion(scene);
    }

    /** The right clip. */
    public Clip clip() {
        return clip;
    }

    /**
     * Mean over the frames of the intersection over union, 0..1, of what differs from the picture
     * without the first subject, here and in the truth (found alike in both, so that a part of the
     * subject which looks like the background counts in neither).
     */
    public double maskIou(List<RgbImage> video) {
        check(video);
        double sum = 0;
        for (int i = 0; i < frames; i++) {
            sum += Region.iou(shown(video, i), shown(clip.frames(), i), hidden(i));
        }
        return sum / frames;
    }

    /**
     * Mean absolute difference, 0..1, between the mean colour where the truth has the subject and
     * the truth's.
     */
    public double colourError(List<RgbImage> video) {
        check(video);
        double sum = 0;
        for (int i = 0; i < frames; i++) {
            double[] mine = mean(video.get(i), right(i));
            double[] theirs = mean(clip.frames().get(i), right(i));
            for (int c = 0; c < 3; c++) {
                sum += Math.abs(mine[c] - theirs[c]) / 255 / 3;
            }
        }
        return sum / frames;
    }

    /**
     * How much is seen of the subject where one subject cannot be: pixels of the foreground more
     * than four pixels outside one subject of the right size (laid where the truth has it or around
     * the centre of what is shown, whichever covers more), as a share of that subject's area; the
     * mean over the frames, 0 is none.
     */
    public double ghost(List<RgbImage> video) {
        check(video);
        double sum = 0;
        for (int i = 0; i < frames; i++) {
            boolean[] shown = shown(video, i);
            boolean[] laid = right(i);
            boolean[] moved = centred(laid, shown);
            boolean[] hidden = hidden(i);
            if (Region.iou(moved, shown, hidden) > Region.iou(laid, shown, hidden)) {
                laid = moved;
            }
            boolean[] near = Region.grown(laid, scene.size(), NEAR);
            int outside = 0;
            for (int p = 0; p < shown.length; p++) {
                outside += shown[p] && !near[p] ? 1 : 0;
            }
            sum += Math.min(1, (double) outside / Math.max(1, Region.area(laid)));
        }
        return sum / frames;
    }

    /** The mask moved by whole pixels so that its centre is that of what is shown. */
    private boolean[] centred(boolean[] mask, boolean[] shown) {
        double[] from = Region.centre(mask, scene.size());
        double[] to = Region.centre(shown, scene.size());
        if (from == null || to == null) {
            return mask;
        }
        int dx = (int) Math.round(to[0] - from[0]);
        int dy = (int) Math.round(to[1] - from[1]);
        boolean[] moved = new boolean[mask.length];
        for (int y = 0; y < scene.size(); y++) {
            for (int x = 0; x < scene.size(); x++) {
                int fx = x - dx;
                int fy = y - dy;
                moved[y * scene.size() + x] =
                        fx >= 0
                                && fy >= 0
                                && fx < scene.size()
                                && fy < scene.size()
                                && mask[fy * scene.size() + fx];
            }
        }
        return moved;
    }

    /**
     * One figure for how true a clip is: mask IoU − colour error − ghost; 1 is the truth itself.
     */
    public double quality(List<RgbImage> video) {
        return maskIou(video) - colourError(video) - ghost(video);
    }

    /** The action whose rendering is nearest to the clip by squared error. */
    public Action nearestAction(List<RgbImage> video) {
        check(video);
        Action nearest = scene.action();
        double least = Double.MAX_VALUE;
        for (Action action : Action.values()) {
            Clip other =
                    action == scene.action()
                            ? clip
                            : Renderer.render(scene.withAction(action), frames);
            double error = 0;
            for (int i = 0; i < frames; i++) {
                error += squaredError(video.get(i), other.frames().get(i));
            }
            if (error < least) {
                least = error;
                nearest = action;
            }
        }
        return nearest;
    }

    /**
     * Whether the subject is still of the right kind and colour in the middle and at the end: among
     * all kinds laid over what is shown the right one covers it best, and among all colours the
     * right one is nearest in the mean.
     */
    public boolean appearanceRight(List<RgbImage> video) {
        return appearances(video).stream()
                .allMatch(seen -> seen.is(scene.first().kind(), scene.first().colour()));
    }

    /** What the subject looks like in the middle and at the end. */
    public List<Appearance> appearances(List<RgbImage> video) {
        check(video);
        return List.of(appearance(video, frames / 2), appearance(video, frames - 1));
    }

    private Appearance appearance(List<RgbImage> video, int frame) {
        boolean[] shown = shown(video, frame);
        Fit right = fit(scene.first().kind(), frame, shown);
        if (right == null) {
            return new Appearance(frame, null, null);
        }
        Kind kind = scene.first().kind();
        double most = right.iou();
        for (Kind other : Kind.values()) {
            Fit fit = other == scene.first().kind() ? null : fit(other, frame, shown);
            if (fit != null && fit.iou() > most) {
                most = fit.iou();
                kind = other;
            }
        }
        return new Appearance(frame, kind, colour(video.get(frame), frame, right));
    }

    /** The colour whose subject, laid there, has the nearest mean. */
    private Colour colour(RgbImage image, int frame, Fit laid) {
        boolean[] seen = laid.mask().clone();
        boolean[] hidden = hidden(frame);
        for (int i = 0; i < seen.length; i++) {
            seen[i] &= !hidden[i];
        }
        double[] mine = mean(image, seen);
        Colour nearest = scene.first().colour();
        double least = Double.MAX_VALUE;
        for (Colour colour : Colour.values()) {
            Subject painted = laid.subject().as(scene.first().kind(), colour);
            double[] theirs =
                    mean(Renderer.over(without.frames().get(frame), painted).frames().get(0), seen);
            double distance = 0;
            for (int c = 0; c < 3; c++) {
                distance += (mine[c] - theirs[c]) * (mine[c] - theirs[c]);
            }
            if (distance < least) {
                least = distance;
                nearest = colour;
            }
        }
        return nearest;
    }

    /** Peak signal-to-noise ratio of one frame, dB. */
    public double psnr(RgbImage frame, int index) {
        double error = squaredError(frame, clip.frames().get(index)) / frame.rgb().length;
        return 10 * Math.log10(255.0 * 255.0 / Math.max(error, 1e-3));
    }

    /** Mean absolute difference of consecutive frames, on a scale of 255. */
    public static double frameDifference(List<RgbImage> video) {
        double sum = 0;
        for (int i = 1; i < video.size(); i++) {
            byte[] a = video.get(i - 1).rgb();
            byte[] b = video.get(i).rgb();
            long total = 0;
            for (int p = 0; p < a.length; p++) {
                total += Math.abs((a[p] & 0xff) - (b[p] & 0xff));
            }
            sum += (double) total / a.length;
        }
        return sum / Math.max(1, video.size() - 1);
    }

    private @Nullable Fit fit(Kind kind, int frame, boolean[] shown) {
        SubjectPose pose = motion.at(0, time(frame));
        float[] turns =
                scene.action().rotates() || scene.rolls()
                        ? new float[] {-.3f, -.15f, 0, .15f, .3f}
                        : new float[] {0};
        Subject first = scene.first();
        Subject laid =
                new Subject(
                        kind,
                        first.colour(),
                        first.pattern(),
                        first.tint(),
                        pose.x(),
                        pose.y(),
                        pose.radius(),
                        pose.angle());
        return Fit.of(laid, without.frames().get(frame), shown, hidden(frame), turns);
    }

    private float time(int frame) {
        return frames == 1 ? 0 : (float) frame / (frames - 1);
    }

    private boolean[] shown(List<RgbImage> video, int frame) {
        boolean[] shown = Foreground.of(video.get(frame), without.frames().get(frame));
        boolean[] hidden = hidden(frame);
        for (int i = 0; i < shown.length; i++) {
            shown[i] &= !hidden[i];
        }
        return shown;
    }

    private boolean[] right(int frame) {
        return Region.labelled(clip.masks().get(frame), 1);
    }

    /** Where the second subject would be seen: what is there cannot be told apart. */
    private boolean[] hidden(int frame) {
        boolean[] second = Region.labelled(without.masks().get(frame), 2);
        return scene.second() == null ? second : Region.grown(second, scene.size(), 2);
    }

    private void check(List<RgbImage> video) {
        if (video.size() != frames) {
            throw new IllegalArgumentException(
                    "a truth of %d frames cannot judge a clip of %d"
                            .formatted(frames, video.size()));
        }
    }

    private static double[] mean(RgbImage image, boolean[] where) {
        double[] sum = new double[3];
        int area = 0;
        for (int p = 0; p < where.length; p++) {
            if (where[p]) {
                area++;
                for (int c = 0; c < 3; c++) {
                    sum[c] += image.rgb()[3 * p + c] & 0xff;
                }
            }
        }
        for (int c = 0; c < 3; c++) {
            sum[c] /= Math.max(1, area);
        }
        return sum;
    }

    private static double squaredError(RgbImage a, RgbImage b) {
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            int difference = (a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff);
            sum += (long) difference * difference;
        }
        return sum;
    }
}
