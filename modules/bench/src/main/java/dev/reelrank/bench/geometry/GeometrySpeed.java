package dev.reelrank.bench.geometry;

import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.lpips.Lpips;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.geometry.vggt.Vggt;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** How long the geometry scores take on one video of 720p. */
final class GeometrySpeed {
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 720;
    private static final int FRAMES = 81;
    private static final int LOOKED_AT = 10;
    private static final double RATE = 16;

    private GeometrySpeed() {}

    /**
     * The fastest of several runs after a first one, seconds.
     *
     * @param what was measured
     * @param device it ran on
     * @param threads of the CPU
     * @param networkSeconds ten frames of 518² through VGGT-1B, results on the host
     * @param scoreSeconds a whole geometry_vggt: decoding, VGGT, cloud, reprojection, LPIPS
     * @param epipolarSeconds a whole epipolar_sampson, decoding included
     */
    record Figures(
            String what,
            String device,
            int threads,
            @Nullable Double networkSeconds,
            @Nullable Double scoreSeconds,
            @Nullable Double epipolarSeconds) {
        /** What a user reads. */
        String text() {
            var lines = new StringBuilder("%s, %s, %d threads".formatted(what, device, threads));
            append(lines, "the network alone", networkSeconds);
            append(lines, "a whole score with VGGT", scoreSeconds);
            append(lines, EpipolarSampson.NAME, epipolarSeconds);
            return lines.toString();
        }

        private static void append(StringBuilder lines, String of, @Nullable Double seconds) {
            if (seconds != null) {
                lines.append(String.format(Locale.ROOT, "%n  %s: %.3f s", of, seconds));
            }
        }
    }

    /** VGGT-1B with random weights. */
    static Figures random(Device device, int threads, int repeat) throws IOException {
        Path video = video();
        try (var vggt = Vggt.random(device)) {
            var random = new Random(1);
            List<RgbImage> frames = new ArrayList<>();
            for (int i = 0; i < LOOKED_AT; i++) {
                byte[] rgb = new byte[3 * vggt.side() * vggt.side()];
                random.nextBytes(rgb);
                frames.add(new RgbImage(vggt.side(), vggt.side(), rgb));
            }
            double network = fastest(repeat, () -> vggt.look(frames));
            double whole;
            try (var score = new GeometryVggt(vggt, Lpips.random(device), "random weights")) {
                whole = fastest(repeat, () -> measure(video, score));
            }
            return new Figures(
                    "VGGT-1B and LPIPS with random weights; 81 frames of 1280x720",
                    device.toString(),
                    threads,
                    network,
                    whole,
                    null);
        } finally {
            Files.deleteIfExists(video);
        }
    }

    /**
     * The weights at hand, and the epipolar score.
     *
     * @param score null where there are no weights
     */
    static Figures here(@Nullable GeometryVggt score, Device device, int threads, int repeat)
            throws IOException {
        Path video = video();
        try {
            Double whole = score == null ? null : fastest(repeat, () -> measure(video, score));
            var epipolar = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);
            double lines =
                    fastest(
                            repeat,
                            () -> {
                                try (var reader = VideoReader.open(video)) {
                                    epipolar.measure(reader.info().frames(), reader::frame);
                                }
                            });
            return new Figures(
                    score == null
                            ? "epipolar_sampson alone; 81 frames of 1280x720"
                            : "the weights of --models; 81 frames of 1280x720",
                    device.toString(),
                    threads,
                    null,
                    whole,
                    lines);
        } finally {
            Files.deleteIfExists(video);
        }
    }

    private static void measure(Path video, GeometryVggt score) {
        try (var reader = VideoReader.open(video)) {
            var report = score.measure(reader.info().frames(), reader::frame);
            if (report.score() == null) {
                throw new IllegalStateException("nothing was measured: " + report.reason());
            }
        }
    }

    private static double fastest(int repeat, Runnable body) {
        body.run();
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < repeat; i++) {
            long start = System.nanoTime();
            body.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }

    private static Path video() throws IOException {
        Path file = Files.createTempFile("room", ".mp4");
        Files.delete(file);
        var scene = RoomMaker.scene(Split.TEST.seed(7));
        var clip = new RoomRenderer(WIDTH, HEIGHT, 1).render(scene, FRAMES);
        try (var writer = VideoWriter.open(file, WIDTH, HEIGHT, VideoSettings.h264(RATE))) {
            clip.frames().forEach(writer::write);
            writer.finish();
        }
        return file;
    }
}
