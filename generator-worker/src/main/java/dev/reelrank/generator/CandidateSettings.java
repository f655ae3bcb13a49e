package dev.reelrank.generator;

import dev.reelrank.diffusion.SizeRule;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.wan.GenerationDefaults;
import dev.reelrank.wan.GenerationSettings;
import dev.reelrank.wan.WanSnapshot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Fills in what a configuration leaves to the model. */
final class CandidateSettings {
    private CandidateSettings() {}

    /**
     * @param image decides the aspect where the size is auto; null for text-to-video
     */
    static GenerationSettings of(
            CandidateConfig config, WanSnapshot snapshot, @Nullable RgbImage image) {
        GenerationDefaults defaults = snapshot.defaults();
        var size = size(config, snapshot, image);
        return new GenerationSettings(
                size.width(),
                size.height(),
                or(config.frames(), defaults.frames()),
                or(config.steps(), defaults.steps()),
                or(config.guidance(), defaults.guidance()),
                config.negativePrompt(),
                or(config.scheduler(), defaults.scheduler()),
                or(config.shift(), defaults.shift()),
                or(config.boundary(), snapshot.boundary()));
    }

    static double fps(CandidateConfig config, WanSnapshot snapshot) {
        return or(config.fps(), snapshot.defaults().fps());
    }

    private static SizeRule.Size size(
            CandidateConfig config, WanSnapshot snapshot, @Nullable RgbImage image) {
        if (config.width() != null && config.height() != null) {
            return new SizeRule.Size(config.width(), config.height());
        }
        int width = snapshot.defaults().width();
        int height = snapshot.defaults().height();
        if (image == null) {
            return new SizeRule.Size(width, height);
        }
        var rule = config.sizeRule().equals("area") ? SizeRule.AREA : SizeRule.SHORT_SIDE;
        return snapshot.sizeFor(image, rule, width, height);
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return Objects.requireNonNullElse(value, otherwise);
    }
}
