package dev.reelrank.dqa;

import dev.reelrank.grading.benchmark.Dimension;
import dev.reelrank.grading.benchmark.Measures;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.FlowField;
import dev.reelrank.video.OpticalFlow;
import dev.reelrank.video.VideoReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What needs no network: flicker, and everything that rests on optical flow. The flow is OpenCV's
 * DIS where VBench uses RAFT and AMT, and the dimensions say so in their names. DIS takes a point
 * to keep its brightness, so the flow is searched on frames of equal mean brightness; what is
 * compared along it are the frames as they are.
 */
final class MotionPhase implements Phase {
    /** Longer videos are measured on their beginning. */
    private static final int MOST_FRAMES = 257;

    /** Pairs and triples that the costlier measures look at, spread over the video. */
    private static final int SAMPLES = 24;

    private static final double GIB = 0.5;

    static final String FLICKER = "temporal_flickering";
    static final String WARPING = "warping_error_dis";
    static final String DYNAMIC = "dynamic_degree_dis";
    static final String SMOOTHNESS = "motion_smoothness_dis";

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
            List<RgbImage> frames = Film.consecutive(item.video, MOST_FRAMES);
            item.features.put("brightness", Brightness.mean(frames) / 255);
            if (frames.size() < 2) {
                List.of(FLICKER, WARPING, DYNAMIC)
                        .forEach(name -> item.benchmark.miss(name, Benchmark.ONE_FRAME));
            } else {
                look(item, frames, VideoReader.probe(item.video).fps());
            }
            if (frames.size() < 3) {
                item.benchmark.miss(SMOOTHNESS, "the video has fewer than three frames");
            } else {
                double smoothness = smoothness(frames);
                item.benchmark.add(ranges.dimension(SMOOTHNESS, smoothness, "OpenCV DIS"));
                item.features.put("smoothness", smoothness);
            }
        }

        private void look(Item item, List<RgbImage> frames, double fps) {
            double steadiness = Measures.steadiness(frames);
            item.benchmark.add(ranges.dimension(FLICKER, steadiness, "none"));
            item.benchmark.report("mean_frame_difference", 255 * (1 - steadiness));
            item.features.put("steadiness", steadiness);

            double warping = 0;
            var pairs = Film.indices(frames.size() - 1, SAMPLES);
            for (int i : pairs) {
                warping +=
                        Warp.error(
                                frames.get(i),
                                frames.get(i + 1),
                                between(frames.get(i), frames.get(i + 1)));
            }
            warping /= pairs.size();
            item.benchmark.add(ranges.dimension(WARPING, warping, "OpenCV DIS"));
            item.features.put("warpingError", warping);

            // About eight frames a second, as VBench takes them.
            int step = (int) Math.max(1, Math.round(fps / 8));
            int sampled = (frames.size() - 1) / step + 1;
            var fastest = new ArrayList<Double>();
            for (int i = 0; i + step < frames.size(); i += step) {
                FlowField field = between(frames.get(i), frames.get(i + step));
                fastest.add(Measures.meanOfLargest(speeds(field), 0.05));
            }
            RgbImage first = frames.get(0);
            double[] speeds = fastest.stream().mapToDouble(Double::doubleValue).toArray();
            double dynamic =
                    Measures.dynamic(speeds, first.height(), first.width(), sampled) ? 1 : 0;
            item.benchmark.add(new Dimension(DYNAMIC, dynamic, dynamic, "OpenCV DIS"));
            item.features.put(
                    "speed",
                    Arrays.stream(speeds).average().orElse(0)
                            / Math.min(first.height(), first.width()));
        }

        private FlowField between(RgbImage from, RgbImage to) {
            return flow.between(from, Brightness.matched(to, from));
        }

        /** Every odd frame is dropped, interpolated from its neighbours, and compared. */
        private double smoothness(List<RgbImage> frames) {
            List<RgbImage> dropped = new ArrayList<>();
            List<RgbImage> interpolated = new ArrayList<>();
            for (int k : Film.indices((frames.size() - 1) / 2, SAMPLES)) {
                RgbImage before = frames.get(2 * k);
                RgbImage after = frames.get(2 * k + 2);
                dropped.add(frames.get(2 * k + 1));
                interpolated.add(Warp.middle(before, after, between(before, after)));
            }
            return Measures.smoothness(dropped, interpolated);
        }

        @Override
        public MemoryReport memory() {
            return MemoryReport.of(TorchDevice.cpu());
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
}
