package dev.reelrank.geometry.epipolar;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.ranking.FrameSelection;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code epipolar_sampson}: how far the points of a video are from the epipolar lines that a rigid
 * scene would put them on. Walls that bend, textures that swim and things that slide with the
 * camera raise it. Epipolar-DPO (arXiv 2510.21615) chooses pairs by such a distance.
 *
 * <p>Of pairs of frames at several distances: SIFT matches (ratio 0.75, nearest of both sides),
 * fundamental matrix by RANSAC (1 pixel), mean Sampson distance of <em>all</em> matches. Each match
 * counts at most {@link Settings#cap()} pixels, so that a wrong match does not outweigh a scene.
 * The score is the mean over the pairs. All lengths are pixels of a working size, so that a video
 * and its smaller copy score alike.
 *
 * <p>A pair of frames says nothing, and does not count, if it has too few matches, if nothing
 * moves, or if one homography explains its matches: then depth plays no part (a plane, or a camera
 * that only turns), and a fundamental matrix would fit anything. A video in which no pair says
 * anything has no score. So a still video never has a good one.
 *
 * <p>Where the camera is suddenly elsewhere, the pairs of the smallest distance count the cap
 * ({@link Jumps}): the geometry of two views cannot see that.
 */
public final class EpipolarSampson {
    /** The name of the metric. */
    public static final String NAME = "epipolar_sampson";

    /**
     * The name of the score beside it: the same distance, but a match that is anchored to the
     * picture counts the cap ({@link Anchored}). It sees what slides along with the camera, which
     * looks like something infinitely far away and lies on its epipolar line wherever the camera
     * only shifts.
     */
    public static final String ANCHORED = "epipolar_anchored";

    /** Points that move by less than this share of the longer side do not jump. */
    private static final double JUMP = 0.02;

    private final Settings settings;

    /**
     * How a video is looked at.
     *
     * @param longerSide of the working size, pixels, at least 64
     * @param features per frame at most, at least 8
     * @param frames looked at, evenly spread, at least 2
     * @param distances between the two frames of a pair, counted in frames that are looked at; a
     *     video that is too short for all of them has pairs of neighbours
     * @param minMatches of a pair, at least 8
     * @param minDisplacement of a pair, pixels
     * @param maxPlanar of a pair, 0..1
     * @param cap what a match counts at most, pixels
     */
    public record Settings(
            int longerSide,
            int features,
            int frames,
            List<Integer> distances,
            int minMatches,
            double minDisplacement,
            double maxPlanar,
            double cap) {
        /**
         * 640 pixels, 17 frames, pairs of distance 2, 4 and 8. A fault grows with the distance, the
         * noise of the features does not.
         */
        public static final Settings DEFAULT =
                new Settings(640, 1500, 17, List.of(2, 4, 8), 20, 1.0, 0.95, 5.0);

        public Settings {
            distances = List.copyOf(distances);
            if (longerSide < 64 || features < 8 || frames < 2 || minMatches < 8) {
                throw new IllegalArgumentException("too small to measure geometry: " + longerSide);
            }
        }
    }

    public EpipolarSampson(Settings settings) {
        this.settings = settings;
    }

    /** The indices of the frames that are looked at, rising. */
    public int[] chosen(int frames) {
        return FrameSelection.evenly(frames, settings.frames());
    }

    /**
     * Measures a video.
     *
     * @param frames all of equal size, at least one
     */
    public EpipolarReport measure(List<RgbImage> frames) {
        return measure(frames.size(), frames::get);
    }

    /**
     * Measures a video, one frame in memory at a time.
     *
     * @param count of its frames, at least one
     * @param frames asked for {@link #chosen} indices, rising
     */
    public EpipolarReport measure(int count, IntFunction<RgbImage> frames) {
        int[] chosen = chosen(count);
        Map<Integer, FrameFeatures> features = new TreeMap<>();
        try {
            for (int index : chosen) {
                features.put(index, features(frames.apply(index)));
            }
            List<FramePair> pairs = new ArrayList<>();
            for (int distance : distances(chosen.length)) {
                for (int i = 0; i + distance < chosen.length; i++) {
                    pairs.add(pair(features, chosen[i], chosen[i + distance]));
                }
            }
            double side =
                    features.values().stream()
                            .mapToDouble(FrameFeatures::longerSide)
                            .max()
                            .orElse(0);
            return report(Jumps.marked(pairs, settings.minMatches(), JUMP * side, settings.cap()));
        } finally {
            features.values().forEach(FrameFeatures::close);
        }
    }

    private List<Integer> distances(int frames) {
        List<Integer> fit = settings.distances().stream().filter(d -> d < frames).toList();
        return fit.isEmpty() ? List.of(1) : fit;
    }

    /**
     * Shows a pair of frames: matches and epipolar lines.
     *
     * @return both frames side by side; empty if they have no common geometry
     */
    public Optional<BufferedImage> picture(RgbImage first, RgbImage second) {
        try (var before = features(first);
                var after = features(second)) {
            PointMatches matches = before.match(after);
            if (matches.size() < settings.minMatches()) {
                return Optional.empty();
            }
            return TwoViews.fundamental(matches)
                    .map(
                            f ->
                                    EpipolarPicture.of(
                                            first,
                                            second,
                                            matches,
                                            f,
                                            before.scale(),
                                            settings.cap()));
        }
    }

    private FrameFeatures features(RgbImage frame) {
        return FrameFeatures.of(frame, settings.longerSide(), settings.features());
    }

    private FramePair pair(Map<Integer, FrameFeatures> features, int first, int second) {
        FrameFeatures before = Objects.requireNonNull(features.get(first));
        PointMatches matches = before.match(Objects.requireNonNull(features.get(second)));
        double displacement = matches.displacement();
        if (matches.size() < settings.minMatches()) {
            return silent(first, second, matches, 0, "too few matches");
        }
        if (displacement < settings.minDisplacement()) {
            return silent(first, second, matches, 0, "nothing moves");
        }
        double planar = TwoViews.planar(matches);
        if (planar > settings.maxPlanar()) {
            return silent(first, second, matches, planar, "no depth in the motion");
        }
        return TwoViews.fundamental(matches)
                .map(
                        f ->
                                new FramePair(
                                        first,
                                        second,
                                        matches.size(),
                                        displacement,
                                        planar,
                                        distance(f, matches, new boolean[matches.size()]),
                                        distance(
                                                f,
                                                matches,
                                                Anchored.of(
                                                        matches, before.width(), before.height())),
                                        null))
                .orElseGet(() -> silent(first, second, matches, planar, "no common geometry"));
    }

    private static FramePair silent(
            int first, int second, PointMatches matches, double planar, String reason) {
        return new FramePair(
                first, second, matches.size(), matches.displacement(), planar, null, null, reason);
    }

    /** The mean distance, with the anchored matches at the cap. */
    private double distance(double[] f, PointMatches matches, boolean[] anchored) {
        double sum = 0;
        double[] v = matches.values();
        for (int i = 0; i < anchored.length; i++) {
            int at = i * PointMatches.PER_MATCH;
            double distance =
                    anchored[i]
                            ? settings.cap()
                            : Sampson.distance(f, v[at], v[at + 1], v[at + 2], v[at + 3]);
            sum += Math.min(distance, settings.cap());
        }
        return sum / matches.size();
    }

    private static EpipolarReport report(List<FramePair> pairs) {
        double motion =
                pairs.stream()
                        .mapToDouble(p -> p.displacement() / (p.second() - p.first()))
                        .average()
                        .orElse(0);
        var score = mean(pairs, FramePair::distance);
        return score.isPresent()
                ? new EpipolarReport(
                        score.getAsDouble(),
                        mean(pairs, FramePair::anchored).orElseThrow(),
                        null,
                        motion,
                        pairs)
                : new EpipolarReport(null, null, why(pairs), motion, pairs);
    }

    private static OptionalDouble mean(
            List<FramePair> pairs, Function<FramePair, @Nullable Double> figure) {
        return pairs.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average();
    }

    private static String why(List<FramePair> pairs) {
        if (pairs.isEmpty()) {
            return "the video has one frame";
        }
        Map<String, Long> reasons =
                pairs.stream()
                        .collect(
                                Collectors.groupingBy(
                                        p -> Objects.requireNonNull(p.reason()),
                                        LinkedHashMap::new,
                                        Collectors.counting()));
        return reasons.entrySet().stream()
                .map(e -> "%s (%d of %d pairs)".formatted(e.getKey(), e.getValue(), pairs.size()))
                .collect(Collectors.joining(", "));
    }
}
