package dev.reelrank.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A still clip of a sample's picture, spoilt by the small generator that ships. */
final class FrameJitterIT {
    private static final Path MODELS = Path.of("../models/testbed");
    private static final String PROMPT = "A red ring slides to the left.";

    @TempDir Path folder;

    private static double difference(RgbImage a, RgbImage b) {
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
        }
        return sum / a.rgb().length;
    }

    private List<RgbImage> spoilt(double strength, long seed, RgbImage frame) {
        try (var store = LocalStore.open(folder.resolve("store"));
                var jitter =
                        new FrameJitter(
                                ModelFolders.of(MODELS), () -> store, Device.CPU, strength)) {
            return jitter.spoil(
                    CandidateConfig.defaults(), PROMPT, List.of(frame, frame, frame), seed);
        }
    }

    @Test
    void shouldDrawEachFrameAgainAndKeepWhatIsInIt() {
        var frame = Images.read(Path.of("../samples/images/red-ring-slides.png"));
        var once = spoilt(0.15, 1, frame);
        assertThat(once).hasSize(3);
        assertThat(once.get(0).width()).isEqualTo(frame.width());
        double flicker = difference(once.get(0), once.get(1));
        assertThat(flicker).as("equal frames come back unequal").isGreaterThan(0.05);
        for (var made : once) {
            assertThat(difference(made, frame)).as("what is in it stays").isLessThan(12);
        }
        assertThat(spoilt(0.15, 1, frame).get(2).rgb())
                .as("the same seed spoils alike")
                .isEqualTo(once.get(2).rgb());
        assertThat(spoilt(0.15, 2, frame).get(2).rgb()).isNotEqualTo(once.get(2).rgb());
        var strong = spoilt(0.9, 1, frame);
        assertThat(difference(strong.get(0), strong.get(1)))
                .as("more strength, more flicker")
                .isGreaterThan(flicker);
        assertThatThrownBy(() -> spoilt(0, 1, frame))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("above 0 and at most 1");
    }
}
