package dev.reelrank.dqa;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.grading.spatial.Trace;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.FlowField;
import dev.reelrank.video.OpticalFlow;
import dev.reelrank.video.SpreadFrames;
import dev.reelrank.video.VideoReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The phase without a network: flicker, and all measures that are based on optical flow. The flow
 * is OpenCV's DIS where VBench uses RAFT and AMT, and the dimensions say so in their names. DIS
 * assumes that a point keeps its brightness, so the flow is searched on frames of equal mean
 * brightness; what is compared along it are the frames as they are.
 */
final class MotionPhase implements GradingPhase {
    /** Measures based on optical flow use the beginning of longer videos; the evidence says so. */
    private static final int MOST_FRAMES = 257;

    /** Pairs and triples that the costlier measures look at, spread over the video. */
    private static final int SAMPLES = 24;

    /**
     * Flow is searched on frames whose short side has this many to twice as many pixels; larger
     * ones are made smaller. VBench's bar for what moves grows with the frame, so it stays what it
     * is.
     */
    private static final int SIDE = 360;

    private static final double GIB = 0.5;

    static final String FLICKER = "temporal_flickering";
    static final String WARPING = "warping_error_dis";
    static final String DYNAMIC = "dynamic_degree_dis";
    static final String SMOOTHNESS = "motion_smoothness_dis";

    private static final String TOO_SMALL =
            "optical flow needs frames of at least %d pixels per side"
                    .formatted(OpticalFlow.SMALLEST);

    private final Ranges ranges = Ranges.read();

    @Override
    public String name() {
        return "motion";
    }

    @Override
    public double needGib() {
        return GIB;
    }

    /** There is nothing to load. */
    @Override
    public void check() {}

    @Override
    public Loaded load(Device device, int cores) {
        return new Flow(cores);
    }

    private final class Flow implements Loaded {
        private final int cores;

        Flow(int cores) {
            this.cores = cores;
        }

        @Override
        public int lanes() {
            return cores;
        }

        @Override
        public Found look(Item item) {
            var notes = new Notes(item.found());
            look(item, notes);
            return notes.found();
        }

        private void look(Item item, Notes notes) {
            Path video = item.video().video();
            Film.Strip strip = Film.strip(video, MOST_FRAMES, SIDE);
            List<RgbImage> frames = strip.frames();
            notes.feature("brightness", Brightness.mean(frames) / 255);
            notes.report("frames", strip.length());
            notes.report("contrast", Brightness.contrast(frames) / 255);
            if (frames.size() < 2) {
                List.of(FLICKER, WARPING, DYNAMIC, SMOOTHNESS)
                        .forEach(name -> notes.miss(name, Benchmark.ONE_FRAME));
                var still = item.found().arrangement();
                if (still != null) {
                    still.actors().forEach(actor -> notes.trace(actor, Trace.NONE));
                }
                return;
            }
            steadiness(notes, strip.steadiness());
            RgbImage first = frames.get(0);
            if (Math.min(first.width(), first.height()) < OpticalFlow.SMALLEST) {
                List.of(WARPING, DYNAMIC, SMOOTHNESS).forEach(name -> notes.miss(name, TOO_SMALL));
                return;
            }
            if (strip.length() > frames.size()) {
                notes.report("frames_with_flow", frames.size());
            }
            try (var flows = new Flows(frames)) {
                warping(notes, flows);
                dynamic(notes, flows, VideoReader.probe(video).fps());
                var arrangement = item.found().arrangement();
                if (arrangement != null) {
                    follow(notes, arrangement, flows);
                }
                if (frames.size() < 3) {
                    notes.miss(SMOOTHNESS, "the video has fewer than three frames");
                } else {
                    double smoothness = smoothness(flows);
                    notes.dimension(ranges.dimension(SMOOTHNESS, smoothness, "OpenCV DIS"));
                    notes.feature("smoothness", smoothness);
                }
            }
        }

        private void follow(Notes notes, Arrangement arrangement, Flows flows) {
            for (int actor : arrangement.actors()) {
                var followed = SubjectTrack.of(arrangement, actor).follow(flows);
                notes.trace(actor, followed.trace());
                var looks = followed.looks();
                if (actor == arrangement.actor() && looks != null) {
                    notes.report("subject_colour_change_dis", looks.colourChange());
                    notes.report("subject_detail_kept_dis", looks.detailKept());
                }
            }
        }

        private void steadiness(Notes notes, double steadiness) {
            notes.dimension(ranges.dimension(FLICKER, steadiness, "none"));
            notes.report("mean_frame_difference", 255 * (1 - steadiness));
            notes.feature("steadiness", steadiness);
        }

        private void warping(Notes notes, Flows flows) {
            var pairs = SpreadFrames.indices(flows.frames().size() - 1, SAMPLES);
            double warping = 0;
            for (int i : pairs) {
                warping +=
                        Warp.error(
                                flows.frames().get(i),
                                flows.frames().get(i + 1),
                                flows.between(i, i + 1));
            }
            warping /= pairs.size();
            notes.dimension(ranges.dimension(WARPING, warping, "OpenCV DIS"));
            notes.feature("warpingError", warping);
        }

        private void dynamic(Notes notes, Flows flows, double fps) {
            RgbImage first = flows.frames().get(0);
            // About eight frames a second, as VBench takes them.
            int step = (int) Math.max(1, Math.round(fps / 8));
            var fastest = new ArrayList<Double>();
            for (int i = 0; i + step < flows.frames().size(); i += step) {
                fastest.add(
                        BenchmarkFormulas.meanOfLargest(speeds(flows.between(i, i + step)), 0.05));
            }
            double[] speeds = fastest.stream().mapToDouble(Double::doubleValue).toArray();
            int sampled = (flows.frames().size() - 1) / step + 1;
            double degree =
                    BenchmarkFormulas.dynamicDegree(speeds, first.height(), first.width(), sampled);
            notes.dimension(ranges.dimension(DYNAMIC, degree, "OpenCV DIS"));
            notes.feature(
                    "speed",
                    Arrays.stream(speeds).average().orElse(0)
                            / Math.min(first.height(), first.width()));
        }

        /** Every odd frame is dropped, interpolated from its neighbours, and compared. */
        private double smoothness(Flows flows) {
            List<RgbImage> frames = flows.frames();
            List<RgbImage> dropped = new ArrayList<>();
            List<RgbImage> interpolated = new ArrayList<>();
            for (int k : SpreadFrames.indices((frames.size() - 1) / 2, SAMPLES)) {
                dropped.add(frames.get(2 * k + 1));
                interpolated.add(
                        Warp.middle(
                                frames.get(2 * k),
                                frames.get(2 * k + 2),
                                flows.between(2 * k, 2 * k + 2)));
            }
            return BenchmarkFormulas.smoothness(dropped, interpolated);
        }

        @Override
        public MemoryReport memory() {
            return MemoryReport.of(TorchDevice.cpu());
        }

        @Override
        public void close() {}
    }

    private static float[] speeds(FlowField field) {
        float[] speeds = new float[field.width() * field.height()];
        for (int i = 0; i < speeds.length; i++) {
            speeds[i] = (float) Math.hypot(field.uv()[2 * i], field.uv()[2 * i + 1]);
        }
        return speeds;
    }
}
