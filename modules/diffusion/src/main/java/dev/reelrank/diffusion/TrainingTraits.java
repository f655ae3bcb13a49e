package dev.reelrank.diffusion;

import dev.reelrank.diffusion.schedule.NoiseSchedule;
import dev.reelrank.diffusion.schedule.PredictionType;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What training an adapter of a model has to know.
 *
 * @param prediction what the model predicts
 * @param noise how noisy a sample is at each timestep of training
 * @param loraTargets names of the linear layers that a LoRA changes unless told otherwise, as
 *     regular expressions over whole module names
 */
public record TrainingTraits(
        PredictionType prediction, NoiseSchedule noise, List<Pattern> loraTargets) {
    public TrainingTraits {
        loraTargets = List.copyOf(loraTargets);
    }
}
