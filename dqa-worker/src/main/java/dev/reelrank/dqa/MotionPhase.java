package dev.reelrank.dqa;

import dev.reelrank.grading.benchmark.Dimension;
import dev.reelrank.grading.benchmark.Measures;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.FlowField;
import dev.reelrank.video.OpticalFlow;
import java.util.ArrayList;
import java.util.List;

/**
 * What needs no network: flicker, and everything that rests on optical flow. The flow is OpenCV's
 * DIS where VBench uses RAFT and AMT, and the dimensions say so in their names.
 */
final class MotionPhase implements Phase {
    private static final int FRAMES = 33;
    private static final double GIB = 0.5;

    private final Ranges ranges = Ranges.read();

    @Override
    public String name() {
        return "motion";
    }

    @Override
    public double needGib() {
        return GIB;
    }

    @Override
    public Loaded load(Device device, int cores) {
        return new Flow(OpticalFlow.dis(OpticalFlow.Quality.MEDIUM));
    }

    private final class Flow implements Loaded {
        private final OpticalFlow flow;

        Flow(OpticalFlow flow) {
            this.flow = flow;
        }

        @Override
        public void look(Item item) {
            List<RgbImage> frames = Film.sample(item.video, FRAMES);
            double steadiness = Measures.steadiness(frames);
            item.benchmark.add(ranges.dimension("temporal_flickering", steadiness, "none"));
            item.benchmark.report("mean_frame_difference", 255 * (1 - steadiness));
            item.features.put("steadiness", steadiness);
            double[] fastest = new double[Math.max(0, frames.size() - 1)];
            double warping = 0;
            for (int i = 0; i + 1 < frames.size(); i++) {
                FlowField field = flow.between(frames.get(i), frames.get(i + 1));
                fastest[i] = Measures.meanOfLargest(speeds(field), 0.05);
                warping += Warp.error(frames.get(i), frames.get(i + 1), field);
            }
            if (fastest.length > 0) {
                warping /= fastest.length;
                item.benchmark.add(ranges.dimension("warping_error_dis", warping, "OpenCV DIS"));
                boolean dynamic =
                        Measures.dynamic(
                                fastest,
                                frames.get(0).height(),
                                frames.get(0).width(),
                                frames.size());
                item.benchmark.add(
                        new Dimension(
                                "dynamic_degree_dis",
                                dynamic ? 1 : 0,
                                dynamic ? 1 : 0,
                                "OpenCV DIS"));
                double smoothness = smoothness(frames);
                item.benchmark.add(
                        ranges.dimension("motion_smoothness_dis", smoothness, "OpenCV DIS"));
                item.features.put("smoothness", smoothness);
                item.features.put("warpingError", warping);
                item.features.put(
                        "speed",
                        java.util.Arrays.stream(fastest).average().orElse(0)
                                / frames.get(0).height());
            }
            item.features.put("brightness", brightness(frames));
        }

        /** Every odd frame is dropped, interpolated from its neighbours, and compared. */
        private double smoothness(List<RgbImage> frames) {
            List<RgbImage> dropped = new ArrayList<>();
            List<RgbImage> interpolated = new ArrayList<>();
            for (int i = 1; i + 1 < frames.size(); i += 2) {
                dropped.add(frames.get(i));
                interpolated.add(
                        Warp.middle(
                                frames.get(i - 1),
                                frames.get(i + 1),
                                flow.between(frames.get(i - 1), frames.get(i + 1))));
            }
            return Measures.smoothness(dropped, interpolated);
        }

        @Override
        public long peakMib() {
            return MemoryReport.of(TorchDevice.cpu()).peak() >> 20;
        }

        @Override
        public void close() {
            flow.close();
        }
    }

    private static float[] speeds(FlowField field) {
        float[] speeds = new float[field.width() * field.height()];
        for (int i = 0; i < speeds.length; i++) {
            speeds[i] = (float) Math.hypot(field.uv()[2 * i], field.uv()[2 * i + 1]);
        }
        return speeds;
    }

    private static double brightness(List<RgbImage> frames) {
        double sum = 0;
        for (RgbImage frame : frames) {
            long total = 0;
            for (byte b : frame.rgb()) {
                total += b & 0xff;
            }
            sum += (double) total / frame.rgb().length / 255;
        }
        return sum / frames.size();
    }
}
