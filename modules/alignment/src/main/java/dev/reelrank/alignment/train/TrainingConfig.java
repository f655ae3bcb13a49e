package dev.reelrank.alignment.train;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;
import java.util.List;

/**
 * How a training runs.
 *
 * @param seed of everything random
 * @param learningRate of each step; its number of steps is the training's
 * @param passes pairs per step: their gradients are added up, at least 1
 * @param clip longest gradient, above 0; infinite for none
 * @param checkpointEvery steps between two checkpoints, at least 1
 * @param ownNoise share of the passes that see the noise which the loser was generated from, 0..1:
 *     where candidates of one sample differ only by noise, any other noise seldom shows the fault
 * @param reference what the errors of a pair are compared with
 * @param memory what a pass keeps for its gradients; does not change the result on the CPU
 */
public record TrainingConfig(
        long seed,
        LearningRate learningRate,
        AdamW.Settings optimizer,
        PreferenceLoss loss,
        Timesteps timesteps,
        int passes,
        double clip,
        int checkpointEvery,
        double ownNoise,
        Reference reference,
        BlockPass.Memory memory) {
    /** What the errors of a pair are compared with. */
    public enum Reference {
        /** The same network with its adapters off: the base. */
        OFF,
        /**
         * A copy of the adapters as they are when the trainer is made: for a training that goes on
         * from a parent, base and parent. Of a new adapter, which changes nothing, the same as
         * {@link #OFF}. Takes the memory of the adapters once more, not that of the network.
         */
        COPY
    }

    public TrainingConfig {
        if (passes < 1) {
            throw invalid("pairs per step must be at least 1, were " + passes);
        }
        if (!(clip > 0)) {
            throw invalid("the longest gradient must be above 0, was " + clip);
        }
        if (!(ownNoise >= 0 && ownNoise <= 1)) {
            throw invalid("the share of the losers' own noise must be 0 to 1, was " + ownNoise);
        }
        if (checkpointEvery < 1) {
            throw invalid("steps between checkpoints must be at least 1, were " + checkpointEvery);
        }
    }

    /**
     * What a configuration says.
     *
     * @param schedule the timesteps of the model's inference schedule, in its order
     * @param prediction of the model: schedules of denoising diffusion know whole timesteps only
     * @throws StageException INVALID_CONFIG for a step that the schedule does not have
     */
    public static TrainingConfig of(
            AlignConfig config, double[] schedule, PredictionType prediction) {
        return new TrainingConfig(
                config.seed(),
                new LearningRate(
                        config.learningRate(),
                        LearningRate.Shape.parse(config.schedule()),
                        config.warmup(),
                        config.steps()),
                AdamW.Settings.DEFAULT.withWeightDecay(config.weightDecay()),
                new PreferenceLoss(
                        PreferenceLoss.Shape.parse(config.loss()),
                        config.beta(),
                        config.factor(),
                        config.labelSmoothing(),
                        config.supervised()),
                config.ofSchedule()
                        ? Timesteps.of(schedule, config.scheduleSteps())
                        : new Timesteps(List.of(), prediction != PredictionType.FLOW),
                config.pairsPerStep(),
                config.clip(),
                config.checkpointEvery(),
                config.ownNoiseShare(),
                config.copiedReference() ? Reference.COPY : Reference.OFF,
                BlockPass.Memory.parse(config.memory()));
    }

    private static StageException invalid(String message) {
        return new StageException(FailureCode.INVALID_CONFIG, "training: " + message);
    }

    /** Steps of the whole training. */
    public int steps() {
        return learningRate.steps();
    }

    /** Everything that decides the result, as one line: a checkpoint holds it. */
    String fingerprint() {
        return "%d %s %s %s %s %d %s"
                        .formatted(seed, learningRate, optimizer, loss, timesteps, passes, clip)
                // Checkpoints of trainings that could not choose these go on.
                + (ownNoise == 0 ? "" : " own noise " + ownNoise)
                + (reference == Reference.OFF ? "" : " reference " + reference);
    }
}
