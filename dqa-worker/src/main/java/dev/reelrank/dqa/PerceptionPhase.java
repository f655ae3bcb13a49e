package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.benchmark.Measures;
import dev.reelrank.grading.prompt.FactParser;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.spatial.Composition;
import dev.reelrank.grading.spatial.Movement;
import dev.reelrank.grading.spatial.ProxyAttention;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.perception.Clip;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.OnnxFolder;
import dev.reelrank.perception.PatchTokens;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * DINOv3's and CLIP's part: the spatial evidence (ProxyCLIP), and the benchmark's dimensions that
 * rest on embeddings.
 */
final class PerceptionPhase implements Phase {
    private static final int FRAMES = 8;
    private static final double ACTIVATIONS_GIB = 1;

    private static final String SUBJECT = "subject_consistency_dinov3";
    private static final String BACKGROUND = "background_consistency_clip";
    private static final String LIKENESS = "i2v_subject_dinov3";
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
    public Loaded load(Device device, int cores) {
        var settings = new PerceptionSettings(device, cores);
        var tokens = Dinov3.load(dinov3, settings);
        try {
            return new Models(tokens, Clip.load(clip, settings));
        } catch (RuntimeException e) {
            tokens.close();
            throw e;
        }
    }

    private final class Models implements Loaded {
        private final Dinov3 tokens;
        private final Clip words;

        Models(Dinov3 tokens, Clip words) {
            this.tokens = tokens;
            this.words = words;
        }

        @Override
        public void look(Item item) {
            List<RgbImage> frames = Film.sample(item.video, FRAMES);
            List<PatchTokens> seen = tokens.tokens(frames);
            List<float[]> looks = words.embedImages(frames);
            benchmark(item, seen, looks);
            item.findings.put(EvidenceKind.SPATIAL, spatial(item, frames, seen));
        }

        private void benchmark(Item item, List<PatchTokens> seen, List<float[]> looks) {
            List<float[]> subjects = seen.stream().map(PatchTokens::cls).toList();
            float[] reference = tokens.tokens(item.reference).cls();
            if (seen.size() > 1) {
                double subject = Measures.consistency(subjects);
                double background = Measures.consistency(looks);
                double likeness = Measures.likeness(reference, subjects);
                item.benchmark.add(ranges.dimension(SUBJECT, subject, "DINOv3"));
                item.benchmark.add(ranges.dimension(BACKGROUND, background, "CLIP"));
                item.benchmark.add(ranges.dimension(LIKENESS, likeness, "DINOv3"));
                item.features.put("subjectConsistency", subject);
                item.features.put("likeness", likeness);
            } else {
                List.of(SUBJECT, BACKGROUND, LIKENESS)
                        .forEach(name -> item.benchmark.miss(name, Benchmark.ONE_FRAME));
            }
            if (item.prompt.isBlank()) {
                item.benchmark.miss(TEXT, "there is no prompt");
            } else {
                double text = Measures.cosine(mean(looks), words.embedText(item.prompt));
                item.benchmark.add(ranges.dimension(TEXT, text, "CLIP"));
                item.features.put("textSimilarity", text);
            }
        }

        private Finding spatial(Item item, List<RgbImage> frames, List<PatchTokens> seen) {
            PromptFacts facts =
                    item.facts != null ? item.facts : FactParser.byRules(item.prompt, item.subject);
            if (facts.objects().isEmpty()) {
                return Finding.missing(Details.missing("the prompt names no object"));
            }
            List<String> phrases = new ArrayList<>(facts.objects());
            if (facts.setting() != null) {
                phrases.add(facts.setting());
            }
            phrases.add("the background");
            List<float[]> embeddings = phrases.stream().map(words::embedText).toList();
            List<Segmentation> pictures = new ArrayList<>();
            // The first frame is the reference; the last says whether things are still where they
            // belong.
            for (int i = 0; i < frames.size(); i += Math.max(1, frames.size() - 1)) {
                pictures.add(
                        segment(frames.get(i), seen.get(i), embeddings, facts.objects().size()));
            }
            item.segmentations.addAll(pictures);
            String action = facts.action();
            Movement movement = action == null ? null : Movement.of(action).orElse(null);
            var composition =
                    Composition.of(facts.objects(), facts.relations(), movement, pictures);
            ObjectNode details = Details.object().put("method", "ProxyCLIP with DINOv3 and CLIP");
            ArrayNode objects = details.putArray("objects");
            for (int o = 0; o < facts.objects().size(); o++) {
                var place = pictures.get(0).place(o);
                objects.addObject()
                        .put("phrase", facts.objects().get(o))
                        .put("present", Details.round(composition.present().get(o)))
                        .put("share", Details.round(place.share()))
                        .put("x", Details.round(place.x()))
                        .put("y", Details.round(place.y()));
            }
            ArrayNode relations = details.putArray("relations");
            for (int r = 0; r < facts.relations().size(); r++) {
                Relation relation = facts.relations().get(r);
                relations
                        .addObject()
                        .put(
                                "relation",
                                relation.first()
                                        + " "
                                        + relation.kind().words()
                                        + " "
                                        + relation.second())
                        .put("holds", Details.round(composition.holds().get(r)));
            }
            if (composition.moved() != null && movement != null) {
                details.putObject("movement")
                        .put("towards", movement.name().toLowerCase(Locale.ROOT))
                        .put("kept", Details.round(composition.moved()));
            }
            return Finding.of(composition.score(), Details.text(details));
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
            // ONNX Runtime keeps its own count of device memory and does not tell it; this is the
            // process's.
            return MemoryReport.of(TorchDevice.cpu());
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
