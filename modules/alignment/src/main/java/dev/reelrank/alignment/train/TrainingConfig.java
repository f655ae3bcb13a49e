package dev.reelrank.alignment.train;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;

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
        BlockPass.Memory memory) {
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
                // Checkpoints of trainings that had no such share go on.
                + (ownNoise == 0 ? "" : " own noise " + ownNoise);
    }
}
