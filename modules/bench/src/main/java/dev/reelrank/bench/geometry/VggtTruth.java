package dev.reelrank.bench.geometry;

import dev.reelrank.geometry.scene.Camera;
import dev.reelrank.geometry.scene.Reconstruction;
import dev.reelrank.geometry.vggt.Vggt;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.room.RoomCamera;
import dev.reelrank.testbed.room.RoomClip;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testbed.room.RoomScene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** How near a VGGT's cameras and depths are to the true ones of rendered rooms. */
final class VggtTruth {
    private static final int FRAMES = 10;
    private static final int SAMPLES = 2;
    private static final double WANTED_DEGREES = 3;
    private static final double WANTED_DEPTH = 0.05;

    private final Vggt vggt;
    private final RoomRenderer renderer;

    /**
     * @param vggt looks at frames of its own side
     */
    VggtTruth(Vggt vggt) {
        this.vggt = vggt;
        this.renderer = new RoomRenderer(vggt.side(), vggt.side(), SAMPLES);
    }

    /**
     * The errors of one clip.
     *
     * @param move of the camera, lower case
     * @param degrees between the directions of the found and the true cameras, mean of all frames
     *     but the first
     * @param depth mean of |found − true| / true over all pixels; the unit is the mean distance of
     *     the clip's true points from the first camera, as VGGT is trained
     * @param scaled the same once the found depths have the true median
     */
    record Errors(String move, double degrees, double depth, double scaled) {}

    /**
     * The means over many clips.
     *
     * @param what the command was
     * @param split whose rooms they are
     * @param scenes how many
     * @param rotationDegrees mean error of the cameras' directions
     * @param depthError mean relative error of the depths
     * @param depthErrorScaled the same once each clip has the true median
     * @param rotationByMove mean error of the directions by the move of the camera
     * @param missed what is short of its target
     */
    record Figures(
            String what,
            String split,
            int scenes,
            double rotationDegrees,
            double depthError,
            double depthErrorScaled,
            Map<String, Double> rotationByMove,
            List<String> missed) {
        /** What a user reads. */
        String text() {
            String reached = missed.isEmpty() ? "" : "; missed: " + String.join("; ", missed);
            return String.format(
                    Locale.ROOT,
                    "%d rooms of %s: cameras are %.2f degrees off, depths %.1f %%%s",
                    scenes,
                    split,
                    rotationDegrees,
                    100 * depthError,
                    reached);
        }

        static Figures of(String split, List<Errors> clips) {
            Map<String, List<Errors>> moves = new TreeMap<>();
            clips.forEach(c -> moves.computeIfAbsent(c.move(), k -> new ArrayList<>()).add(c));
            Map<String, Double> byMove = new TreeMap<>();
            moves.forEach((move, of) -> byMove.put(move, mean(of, Errors::degrees)));
            double degrees = mean(clips, Errors::degrees);
            double depth = mean(clips, Errors::depth);
            List<String> missed = new ArrayList<>();
            // Written so that errors that are no numbers are missed too.
            if (!(degrees <= WANTED_DEGREES)) {
                missed.add("cameras are %.1f° off, not within 3°".formatted(degrees));
            }
            if (!(depth < WANTED_DEPTH)) {
                missed.add("depths are %.1f %% off, not under 5 %%".formatted(100 * depth));
            }
            return new Figures(
                    "bench geometry --result truth --split %s --json FILE".formatted(split),
                    split,
                    clips.size(),
                    degrees,
                    depth,
                    mean(clips, Errors::scaled),
                    byMove,
                    missed);
        }

        private static double mean(List<Errors> clips, ToDoubleFunction<Errors> of) {
            return clips.stream().mapToDouble(of).average().orElse(Double.NaN);
        }
    }

    /**
     * Looks at rooms of a split.
     *
     * @param from first room
     * @param count how many, at least one
     */
    Figures figures(Split split, int from, int count) {
        List<Errors> clips = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            RoomScene scene = RoomMaker.scene(split.seed(i));
            RoomClip clip = renderer.render(scene, FRAMES);
            String move = scene.move().name().toLowerCase(Locale.ROOT);
            clips.add(errors(move, clip, vggt.look(clip.frames())));
        }
        return Figures.of(split.name().toLowerCase(Locale.ROOT), clips);
    }

    /** What was found beside what is true. */
    static Errors errors(String move, RoomClip clip, Reconstruction found) {
        double turned = 0;
        for (int i = 1; i < clip.cameras().size(); i++) {
            Camera camera = found.cameras().get(i);
            double[] wanted = relative(clip.cameras().get(i), clip.cameras().get(0));
            Camera truth =
                    new Camera(
                            wanted,
                            camera.translation(),
                            camera.focalX(),
                            camera.focalY(),
                            camera.centreX(),
                            camera.centreY());
            turned += Math.toDegrees(camera.angle(truth)) / (clip.cameras().size() - 1);
        }
        double unit = unit(clip, found.width(), found.height());
        int pixels = found.width() * found.height();
        double[] ratios = new double[found.depth().length];
        double off = 0;
        for (int at = 0; at < ratios.length; at++) {
            double truth = clip.depths().get(at / pixels)[at % pixels] / unit;
            ratios[at] = found.depth()[at] / truth;
            off += Math.abs(ratios[at] - 1) / ratios.length;
        }
        double[] rising = ratios.clone();
        Arrays.sort(rising);
        double median = rising[rising.length / 2];
        double scaled = 0;
        for (double ratio : ratios) {
            scaled += Math.abs(ratio / median - 1) / ratios.length;
        }
        return new Errors(move, turned, off, scaled);
    }

    /** From the axes of the first camera to those of another: both rotations are from the room. */
    private static double[] relative(RoomCamera camera, RoomCamera first) {
        double[] turn = new double[9];
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                for (int k = 0; k < 3; k++) {
                    turn[3 * row + column] +=
                            camera.rotation()[3 * row + k] * first.rotation()[3 * column + k];
                }
            }
        }
        return turn;
    }

    /** The mean distance of all points from the first camera, metres. */
    private static double unit(RoomClip clip, int width, int height) {
        RoomCamera first = clip.cameras().get(0);
        double sum = 0;
        for (int i = 0; i < clip.cameras().size(); i++) {
            RoomCamera camera = clip.cameras().get(i);
            double[] turn = relative(camera, first);
            double[] moved = camera.translation().clone();
            for (int row = 0; row < 3; row++) {
                for (int k = 0; k < 3; k++) {
                    moved[row] -= turn[3 * row + k] * first.translation()[k];
                }
            }
            for (int at = 0; at < width * height; at++) {
                double z = clip.depths().get(i)[at];
                int row = at / width;
                double x = (at % width - width / 2.0) / camera.focal() * z - moved[0];
                double y = (row - height / 2.0) / camera.focal() * z - moved[1];
                // Turning back to the first camera's axes keeps the length.
                sum += Math.sqrt(x * x + y * y + (z - moved[2]) * (z - moved[2]));
            }
        }
        return sum / (clip.cameras().size() * width * height);
    }
}
