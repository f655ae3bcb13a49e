package dev.reelrank.bench.geometry;

import dev.reelrank.geometry.epipolar.EpipolarReport;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.room.RoomFault;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testbed.room.RoomScene;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Scores clips of rooms: clean, with each fault, and with changes that are none. Threads may share
 * it.
 */
final class RoomNoticing {
    private static final int SIDE = 224;
    private static final int FRAMES = 17;
    private static final int SAMPLES = 2;
    private static final double STRENGTH = 1;
    private static final int CRF = 28;
    private static final double RATE = 16;

    /** How much brighter or darker the last frame is than the first, share. */
    private static final double DRIFT = 0.2;

    private final RoomRenderer renderer = new RoomRenderer(SIDE, SIDE, SAMPLES);
    private final EpipolarSampson epipolar = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);
    private final @Nullable GeometryVggt vggt;

    /**
     * @param vggt null to look at epipolar geometry alone
     */
    RoomNoticing(@Nullable GeometryVggt vggt) {
        this.vggt = vggt;
    }

    /** All clips of a scene. */
    List<RoomCase> scene(Split split, int index) throws IOException {
        RoomScene scene = RoomMaker.scene(split.seed(index));
        List<RoomCase> cases = new ArrayList<>();
        List<RgbImage> clean = renderer.render(scene, FRAMES).frames();
        cases.add(scored(index, scene, RoomCase.CLEAN, clean));
        for (RoomFault fault : RoomFault.values()) {
            List<RgbImage> faulty =
                    fault == RoomFault.FROZEN
                            ? Collections.nCopies(FRAMES, clean.get(0))
                            : renderer.render(scene, FRAMES, fault, STRENGTH).frames();
            String name = fault.name().toLowerCase(Locale.ROOT);
            cases.add(scored(index, scene, name, faulty));
            // Whatever is done to it, a frozen clip stays one.
            if (fault != RoomFault.FROZEN) {
                cases.add(
                        scored(index, scene, RoomCase.changed(name, "crf28"), compressed(faulty)));
                cases.add(
                        scored(
                                index,
                                scene,
                                RoomCase.changed(name, "brightness"),
                                drifted(faulty, index)));
            }
        }
        cases.add(scored(index, scene, "crf28", compressed(clean)));
        cases.add(scored(index, scene, "brightness", drifted(clean, index)));
        return cases;
    }

    private RoomCase scored(int index, RoomScene scene, String made, List<RgbImage> frames) {
        EpipolarReport lines = epipolar.measure(frames);
        GeometryReport points = null;
        double seconds = 0;
        if (vggt != null) {
            // One network for all threads.
            synchronized (vggt) {
                long start = System.nanoTime();
                points = vggt.measure(frames);
                seconds = (System.nanoTime() - start) / 1e9;
            }
        }
        return new RoomCase(
                index,
                scene.move().name().toLowerCase(Locale.ROOT),
                made,
                lines.score(),
                lines.anchored(),
                points == null ? null : points.score(),
                points == null ? null : points.mvcs(),
                points == null ? null : points.motionNorm(),
                seconds);
    }

    private static List<RgbImage> compressed(List<RgbImage> frames) throws IOException {
        Path file = Files.createTempFile("room", ".mp4");
        try {
            Files.delete(file);
            try (var writer =
                    VideoWriter.open(file, SIDE, SIDE, VideoSettings.h264(RATE).withCrf(CRF))) {
                frames.forEach(writer::write);
                writer.finish();
            }
            List<RgbImage> again = new ArrayList<>();
            try (var reader = VideoReader.open(file)) {
                while (again.size() < frames.size()) {
                    again.add(Objects.requireNonNull(reader.next()));
                }
            }
            return again;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Brighter from frame to frame, or darker in every second scene. */
    private static List<RgbImage> drifted(List<RgbImage> frames, int index) {
        List<RgbImage> drifted = new ArrayList<>();
        double sign = index % 2 == 0 ? 1 : -1;
        for (int i = 0; i < frames.size(); i++) {
            RgbImage frame = frames.get(i);
            double gain = 1 + sign * DRIFT * i / (frames.size() - 1);
            byte[] rgb = new byte[frame.rgb().length];
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) Math.min(255, Math.round((frame.rgb()[k] & 0xff) * gain));
            }
            drifted.add(new RgbImage(frame.width(), frame.height(), rgb));
        }
        return drifted;
    }
}
