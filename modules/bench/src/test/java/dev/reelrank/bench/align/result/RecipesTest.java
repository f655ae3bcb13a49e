package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.client.config.AlignFile;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Path;
import java.util.Map;
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
        var lora = Recipes.RANKINGS.lora();
        assertThat(preset.rank()).isEqualTo(lora.rank());
        assertThat(preset.alpha()).isEqualTo(lora.alpha());
        assertThat(preset.dropout()).isEqualTo(lora.dropout());
        assertThat(preset.targets()).isEqualTo(lora.targets());
    }

    @Test
    void shouldTrainWhatItsKeysSay() {
        double[] schedule = LatentSampler.timesteps(Screening.STEPS, Screening.SHIFT);
        var some = Recipes.STEADY.with(Map.of("timesteps", "3,4", "steps", "20")).config(5);
        assertThat(some.timesteps())
                .isEqualTo(Timesteps.of(new double[] {schedule[3], schedule[4]}));
        assertThat(some.seed()).isEqualTo(5);
        assertThat(some.steps()).isEqualTo(20);
        assertThat(some.learningRate().warmup()).isEqualTo(2);
        assertThat(some.checkpointEvery()).isEqualTo(2);
        assertThat(some.loss().beta()).isEqualTo(20);
        assertThat(some.loss().supervised()).isEqualTo(1);
        assertThat(some.optimizer().weightDecay()).isZero();
        assertThat(Recipes.TASTE.with(Map.of("timesteps", "uniform")).config(1).timesteps())
                .isEqualTo(Timesteps.uniform());
        assertThat(Recipes.TASTE.config(1).timesteps()).isEqualTo(Timesteps.of(schedule));
        assertThatThrownBy(() -> Recipes.TASTE.with(Map.of("timesteps", "8")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("places of the schedule, 0 to 7");
    }
}
