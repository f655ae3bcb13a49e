package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.client.config.AlignFile;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class RecipesTest {
    private static final Path WAN = Path.of("../../models/testbed/wan");

    @Test
    void shouldBeWhatThePresetTrains() {
        var preset = AlignFile.preset("rankings");
        double[] schedule = WanSnapshot.open(WAN).timesteps();
        assertThat(schedule)
                .containsExactly(LatentSampler.timesteps(Screening.STEPS, Screening.SHIFT));
        assertThat(TrainingConfig.of(preset, schedule, PredictionType.FLOW))
                .isEqualTo(Recipes.RANKINGS.config(preset.seed()));
        assertThat(preset.networks()).isEqualTo(Recipes.RANKINGS.networks());
        var lora = Recipes.RANKINGS.lora();
        assertThat(preset.rank()).isEqualTo(lora.rank());
        assertThat(preset.alpha()).isEqualTo(lora.alpha());
        assertThat(preset.dropout()).isEqualTo(lora.dropout());
        assertThat(preset.targets()).isEqualTo(lora.targets());
    }
}
