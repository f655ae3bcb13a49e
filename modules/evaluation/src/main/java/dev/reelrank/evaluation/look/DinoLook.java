package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.DinoMaskedIdentity;
import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.metric.Views;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.OnnxFolder;
import dev.reelrank.perception.PatchTokens;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.perception.Sam3;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.ranking.FrameSelection;
import dev.reelrank.ranking.SubjectPhrase;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** DINOv3, with SAM3 for the subject: identity and consistency. */
public final class DinoLook implements Look {
    private static final double ACTIVATIONS_GIB = 1;

    private final @Nullable Path dinov3;
    private final @Nullable Path sam3;
    private final RankingConfig rules;

    /**
     * @param dinov3 folder of the model; null if there is none
     * @param sam3 likewise; without it the subject's identity is not measured
     */
    public DinoLook(@Nullable Path dinov3, @Nullable Path sam3) {
        this(dinov3, sam3, RankingConfig.defaults());
    }

    /**
     * With rules of one's own for masks, for benchmarks: what random weights draw breaks the usual
     * ones.
     */
    public DinoLook(@Nullable Path dinov3, @Nullable Path sam3, RankingConfig rules) {
        this.dinov3 = dinov3;
        this.sam3 = sam3;
        this.rules = rules;
    }

    @Override
    public String name() {
        return "dinov3";
    }

    @Override
    public List<? extends Metric<?>> metrics() {
        return Metrics.DINO;
    }

    @Override
    public @Nullable String missing() {
        return dinov3 == null ? Missing.model("dinov3") : null;
    }

    @Override
    public double needGib() {
        long bytes =
                (dinov3 == null ? 0 : OnnxFolder.open(dinov3, "dinov3").bytes())
                        + (sam3 == null ? 0 : OnnxFolder.open(sam3, "sam3").bytes());
        return dinov3 == null ? 0 : 2.0 * bytes / (1L << 30) + ACTIVATIONS_GIB;
    }

    @Override
    public void check() {
        if (dinov3 != null) {
            OnnxFolder.open(dinov3, "dinov3").verify();
        }
        if (sam3 != null) {
            OnnxFolder.open(sam3, "sam3").verify();
        }
    }

    @Override
    public Loaded load(Wanted wanted, Device device, int cores) {
        var settings = new PerceptionSettings(device, cores);
        var tokens = Dinov3.load(Missing.required(dinov3), settings);
        try {
            Path finder = wanted.wants(new DinoMaskedIdentity()) ? sam3 : null;
            return new Models(
                    tokens, finder == null ? null : Sam3.load(finder, settings), wanted, rules);
        } catch (RuntimeException e) {
            tokens.close();
            throw e;
        }
    }

    private static final class Models implements Loaded {
        private final Dinov3 tokens;
        private final @Nullable Sam3 finder;
        private final Wanted wanted;
        private final RankingConfig rules;
        private final Reel reel;

        Models(Dinov3 tokens, @Nullable Sam3 finder, Wanted wanted, RankingConfig rules) {
            this.tokens = tokens;
            this.finder = finder;
            this.wanted = wanted;
            this.rules = rules;
            reel = new Reel(Film.spread(wanted.frames()));
        }

        @Override
        public void next(Clip clip) {
            reel.next(clip.video());
        }

        @Override
        public Map<String, Measurement> look(Clip clip) {
            List<RgbImage> frames = reel.of(clip.video()).frames();
            var views = views(clip.reference(), frames);
            return wanted.measure(Metrics.DINO, subject(clip, frames, views));
        }

        private Views.Dino subject(Clip clip, List<RgbImage> frames, Views views) {
            if (finder == null) {
                return new Views.Dino(views, null, Missing.model("sam3"));
            }
            var phrase = SubjectPhrase.find("", clip.prompt(), clip.subject());
            if (phrase.isEmpty()) {
                return new Views.Dino(views, null, "the prompt names no subject");
            }
            var crops = new SubjectCrops(finder, phrase.get().phrase(), rules);
            var place = crops.find(clip.reference());
            if (place.isEmpty()) {
                return new Views.Dino(
                        views,
                        null,
                        "'%s' was not found in the reference".formatted(phrase.get().phrase()));
            }
            List<RgbImage> chosen =
                    Arrays.stream(FrameSelection.evenly(frames.size(), wanted.maskFrames()))
                            .mapToObj(frames::get)
                            .toList();
            return new Views.Dino(
                    views,
                    views(
                            SubjectCrops.cut(clip.reference(), place.get()),
                            crops.of(chosen, clip.reference(), place.get())),
                    null);
        }

        private Views views(RgbImage reference, List<RgbImage> frames) {
            return new Views(
                    tokens.tokens(reference).cls(),
                    tokens.tokens(frames).stream().map(PatchTokens::cls).toList());
        }

        @Override
        public void close() {
            reel.close();
            try {
                if (finder != null) {
                    finder.close();
                }
            } finally {
                tokens.close();
            }
        }
    }
}
