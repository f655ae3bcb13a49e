package dev.reelrank.evaluation.look;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.evaluation.metric.FrameFigures;
import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.video.OpticalFlow;
import dev.reelrank.video.VideoReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** No model: steadiness, motion and geometry. */
public final class FramesLook implements Look {
    private static final double FRAMES_GIB = 0.5;

    @Override
    public String name() {
        return "frames";
    }

    @Override
    public List<? extends Metric<?>> metrics() {
        return Stream.concat(Metrics.FRAMES.stream(), Stream.of(Metrics.EPIPOLAR)).toList();
    }

    @Override
    public @Nullable String missing() {
        return null;
    }

    @Override
    public double needGib() {
        return FRAMES_GIB;
    }

    /** There is nothing to load. */
    @Override
    public void check() {}

    @Override
    public Loaded load(Wanted wanted, Device device, int cores) {
        return new Loaded() {
            @Override
            public Map<String, Measurement> look(Clip clip) {
                return measure(wanted, clip);
            }

            @Override
            public int lanes() {
                return cores;
            }

            @Override
            public void close() {}
        };
    }

    private static Map<String, Measurement> measure(Wanted wanted, Clip clip) {
        var measured = new LinkedHashMap<String, Measurement>();
        List<RgbImage> frames = VideoReader.readAll(clip.video());
        if (wanted.any(Metrics.FRAMES)) {
            measured.putAll(wanted.measure(Metrics.FRAMES, figures(frames)));
        }
        if (wanted.wants(Metrics.EPIPOLAR)) {
            measured.put(
                    Metrics.EPIPOLAR.info().name(),
                    Metrics.EPIPOLAR.measure(
                            new EpipolarSampson(EpipolarSampson.Settings.DEFAULT).measure(frames)));
        }
        return measured;
    }

    private static FrameFigures figures(List<RgbImage> frames) {
        if (frames.size() < 2) {
            return new FrameFigures(Map.of(), "the video has one frame");
        }
        RgbImage first = frames.get(0);
        if (Math.min(first.width(), first.height()) < OpticalFlow.SMALLEST) {
            return new FrameFigures(
                    Map.of(),
                    "optical flow needs frames of at least %d pixels per side"
                            .formatted(OpticalFlow.SMALLEST));
        }
        return new FrameFigures(ClipMetrics.of(frames), "");
    }
}
