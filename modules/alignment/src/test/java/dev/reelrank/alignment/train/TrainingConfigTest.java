package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass.Memory;
import dev.reelrank.torch.train.LearningRate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TrainingConfigTest {
    private static final double[] SCHEDULE = {1000, 972, 938, 893, 833, 750, 625, 417};

    private static AlignConfig config(
            double beta, String timesteps, List<Integer> steps, @Nullable Double ownNoise) {
        return config(beta, timesteps, steps, ownNoise, null);
    }

    private static AlignConfig config(
            double beta,
            String timesteps,
            List<Integer> steps,
            @Nullable Double ownNoise,
            @Nullable String reference) {
        var d = AlignConfig.defaults();
        return new AlignConfig(
                d.model(),
                d.loras(),
                d.precision(),
                List.of("transformer_2"),
                8,
                8,
                0,
                d.targets(),
                1,
                150,
                3e-4,
                "cosine",
                10,
                0,
                d.loss(),
                beta,
                d.factor(),
                d.labelSmoothing(),
                1,
                timesteps,
                d.pairsPerStep(),
                d.clip(),
                15,
                "kept",
                d.heldOut(),
                d.compareSamples(),
                d.compareSeeds(),
                d.target(),
                d.motionTolerance(),
                d.guards(),
                steps,
                ownNoise,
                reference);
    }

    @Test
    void shouldSayWhatAConfigurationSays() {
        var wanted =
                new TrainingConfig(
                        1,
                        new LearningRate(3e-4, LearningRate.Shape.COSINE, 10, 150),
                        new AdamW.Settings(0.9, 0.999, 1e-8, 0),
                        new PreferenceLoss(PreferenceLoss.Shape.SIGMOID, 0, 1, 0, 1),
                        Timesteps.of(new double[] {893}),
                        4,
                        1,
                        15,
                        1,
                        TrainingConfig.Reference.OFF,
                        Memory.KEPT);
        assertThat(
                        TrainingConfig.of(
                                config(0, "schedule", List.of(3), 1.0),
                                SCHEDULE,
                                PredictionType.FLOW))
                .isEqualTo(wanted);
    }

    @Test
    void shouldTrainEveryTimestepOrThoseOfTheSchedule() {
        assertThat(
                        TrainingConfig.of(
                                        config(9, "schedule", List.of(), null),
                                        SCHEDULE,
                                        PredictionType.FLOW)
                                .timesteps())
                .isEqualTo(Timesteps.of(SCHEDULE));
        var uniform = config(9, "uniform", List.of(), null);
        assertThat(TrainingConfig.of(uniform, SCHEDULE, PredictionType.FLOW).timesteps())
                .isEqualTo(Timesteps.uniform());
        assertThat(TrainingConfig.of(uniform, SCHEDULE, PredictionType.EPSILON).timesteps())
                .isEqualTo(new Timesteps(List.of(), true));
    }

    @Test
    void shouldNameAStepThatTheScheduleDoesNotHave() {
        assertThatThrownBy(
                        () ->
                                TrainingConfig.of(
                                        config(0, "schedule", List.of(3, 8), 1.0),
                                        SCHEDULE,
                                        PredictionType.FLOW))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("names the step 8")
                .hasMessageContaining("the steps 0 to 7");
    }

    @Test
    void shouldNameOnlyWhatIsChosenInACheckpoint() {
        var plain =
                TrainingConfig.of(
                        config(9, "uniform", List.of(), null), SCHEDULE, PredictionType.FLOW);
        assertThat(plain.fingerprint()).doesNotContain(" own noise ", " reference ");
        var copied =
                TrainingConfig.of(
                        config(9, "uniform", List.of(), 0.5, "copy"),
                        SCHEDULE,
                        PredictionType.FLOW);
        assertThat(copied.fingerprint()).endsWith("own noise 0.5 reference COPY");
    }
}
