package dev.reelrank.dqa;

import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.grading.prompt.FactParser;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.spatial.ProxyAttention;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.perception.ClipModel;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.OnnxFolder;
import dev.reelrank.perception.PatchTokens;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.ranking.SquareCrop;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.SpreadFrames;
import dev.reelrank.worker.DeviceGrowth;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * DINOv3's and CLIP's part: the spatial evidence (ProxyCLIP), and the benchmark's dimensions that
 * rest on embeddings.
 */
final class PerceptionPhase implements GradingPhase {
    private static final int FRAMES = 8;

    /** Of these frames, how many are segmented and looked at from close up. */
    private static final int CLOSE_UPS = 4;

    private static final double ACTIVATIONS_GIB = 1;

    private static final String SUBJECT = "subject_consistency_dinov3";
    private static final String BACKGROUND = "background_consistency_clip";
    private static final String LIKENESS = "i2v_subject_dinov3";
    private static final String IDENTITY = "subject_identity_dinov3";
    private static final String TEXT = "overall_consistency_clip";

    private final Path dinov3;
    private final Path clip;
    private final Ranges ranges = Ranges.read();

    PerceptionPhase(Path dinov3, Path clip) {
        this.dinov3 = dinov3;
        this.clip = clip;
    }

    @Override
    public String name() {
        return "perception";
    }

    @Override
    public double needGib() {
        long bytes =
                OnnxFolder.open(dinov3, "dinov3").bytes() + OnnxFolder.open(clip, "clip").bytes();
        return 2.0 * bytes / (1L << 30) + ACTIVATIONS_GIB;
    }

    @Override
    public void check() {
        OnnxFolder.open(dinov3, "dinov3").verify();
        OnnxFolder.open(clip, "clip").verify();
    }

    @Override
    public Loaded load(Device device, int cores) {
        var settings = new PerceptionSettings(device, cores);
        var growth = DeviceGrowth.since(device);
        var tokens = Dinov3.load(dinov3, settings);
        try {
            return new Models(tokens, ClipModel.load(clip, settings), device, growth);
        } catch (RuntimeException e) {
            tokens.close();
            throw e;
        }
    }

    private final class Models implements Loaded {
        private final Dinov3 tokens;
        private final ClipModel words;
        private final Device device;
        private final DeviceGrowth growth;

        Models(Dinov3 tokens, ClipModel words, Device device, DeviceGrowth growth) {
            this.tokens = tokens;
            this.words = words;
            this.device = device;
            this.growth = growth;
        }

        @Override
        public Found look(Item item) {
            VideoFile video = item.video();
            var notes = new Notes(item.found());
            List<RgbImage> frames = SpreadFrames.of(video.video(), FRAMES);
            List<PatchTokens> seen = tokens.tokens(frames);
            List<float[]> looks = words.embedImages(frames);
            PatchTokens reference = tokens.tokens(video.reference());
            benchmark(video.prompt(), reference, seen, looks, notes);
            // Where things are is looked at on some of the frames, the first and the last among
            // them.
            var chosen = List.copyOf(SpreadFrames.indices(frames.size(), CLOSE_UPS));
            List<RgbImage> pictures = chosen.stream().map(frames::get).toList();
            PromptFacts known = item.found().facts();
            PromptFacts facts =
                    known != null ? known : FactParser.byRules(video.prompt(), video.subject());
            if (facts.objects().isEmpty()) {
                notes.finding(
                        EvidenceKind.SPATIAL,
                        Finding.missing(Details.missing("the prompt names no object")));
                notes.miss(IDENTITY, "the prompt names no object");
                return notes.found();
            }
            List<float[]> phrases = phrases(facts);
            int objects = facts.objects().size();
            List<Segmentation> segmented = new ArrayList<>();
            for (int i = 0; i < pictures.size(); i++) {
                segmented.add(segment(pictures.get(i), seen.get(chosen.get(i)), phrases, objects));
            }
            var arrangement = new Arrangement(facts, segmented);
            notes.arrangement(arrangement);
            var sought = segment(video.reference(), reference, phrases, objects);
            identity(video.reference(), sought, pictures, arrangement, notes);
            return notes.found();
        }

        private void benchmark(
                String prompt,
                PatchTokens sought,
                List<PatchTokens> seen,
                List<float[]> looks,
                Notes notes) {
            List<float[]> subjects = seen.stream().map(PatchTokens::cls).toList();
            float[] reference = sought.cls();
            if (seen.size() > 1) {
                double subject = BenchmarkFormulas.consistency(subjects);
                double background = BenchmarkFormulas.consistency(looks);
                double likeness = BenchmarkFormulas.likeness(reference, subjects);
                notes.dimension(ranges.dimension(SUBJECT, subject, "DINOv3"));
                notes.dimension(ranges.dimension(BACKGROUND, background, "CLIP"));
                notes.dimension(ranges.dimension(LIKENESS, likeness, "DINOv3"));
                notes.feature("subjectConsistency", subject);
                notes.feature("likeness", likeness);
            } else {
                List.of(SUBJECT, BACKGROUND, LIKENESS)
                        .forEach(name -> notes.miss(name, Benchmark.ONE_FRAME));
            }
            if (prompt.isBlank()) {
                notes.miss(TEXT, "there is no prompt");
            } else {
                double text = BenchmarkFormulas.cosine(mean(looks), words.embedText(prompt));
                notes.dimension(ranges.dimension(TEXT, text, "CLIP"));
                notes.feature("textSimilarity", text);
            }
        }

        /** Embeddings of the objects, then of what stands for all that is none of them. */
        private List<float[]> phrases(PromptFacts facts) {
            List<String> phrases = new ArrayList<>(facts.objects());
            if (facts.setting() != null) {
                phrases.add(facts.setting());
            }
            phrases.add("the background");
            return phrases.stream().map(words::embedText).toList();
        }

        /** Is what acts still what the reference shows, seen from close up? */
        private void identity(
                RgbImage reference,
                Segmentation sought,
                List<RgbImage> frames,
                Arrangement arrangement,
                Notes notes) {
            int actor = arrangement.actor();
            if (sought.place(actor).share() == 0) {
                notes.miss(IDENTITY, "the acting subject was not found in the reference");
                return;
            }
            List<RgbImage> crops = new ArrayList<>(List.of(crop(reference, sought, actor)));
            for (int i = 0; i < frames.size(); i++) {
                crops.add(crop(frames.get(i), arrangement.pictures().get(i), actor));
            }
            List<PatchTokens> seen = tokens.tokens(crops);
            double sum = 0;
            double least = 1;
            for (int i = 1; i < seen.size(); i++) {
                double alike = BenchmarkFormulas.cosine(seen.get(0).cls(), seen.get(i).cls());
                sum += alike;
                least = Math.min(least, alike);
            }
            notes.report("least_subject_identity_dinov3", least);
            double identity = sum / (seen.size() - 1);
            notes.dimension(ranges.dimension(IDENTITY, identity, "DINOv3 and CLIP"));
        }

        /** The square around the thing; the whole frame where it is not seen. */
        private static RgbImage crop(RgbImage frame, Segmentation picture, int thing) {
            var place = picture.place(thing);
            int width = frame.width();
            int height = frame.height();
            return place.share() == 0
                    ? frame
                    : frame.cut(SquareCrop.around(place.box(width, height), width, height));
        }

        private Segmentation segment(
                RgbImage frame, PatchTokens seen, List<float[]> phrases, int objects) {
            var values = words.lookDense(frame).resized(seen.gridHeight(), seen.gridWidth());
            float[] attention = ProxyAttention.of(seen.patches(), seen.width());
            return Segmentation.of(
                    seen.gridWidth(),
                    seen.gridHeight(),
                    words.embedPatches(values, attention),
                    phrases,
                    objects);
        }

        @Override
        public MemoryReport memory() {
            if (!device.isCuda()) {
                return MemoryReport.of(TorchDevice.cpu());
            }
            // ONNX Runtime does not tell what it took of the device.
            growth.look();
            long most = growth.mostBytes();
            return new MemoryReport(most, most, most);
        }

        @Override
        public void close() {
            try {
                words.close();
            } finally {
                tokens.close();
            }
        }
    }

    private static float[] mean(List<float[]> vectors) {
        float[] sum = new float[vectors.get(0).length];
        for (float[] v : vectors) {
            double norm = Math.sqrt(Math.max(1e-24, dot(v, v)));
            for (int i = 0; i < sum.length; i++) {
                sum[i] += (float) (v[i] / norm / vectors.size());
            }
        }
        return sum;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
