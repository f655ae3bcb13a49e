package dev.reelrank.trainer;

import dev.reelrank.pipeline.config.AlignConfig;
import java.util.List;
import java.util.Map;

/** Configurations that differ from others in one key. */
final class AlignFigures {
    private AlignFigures() {}

    /** The same with these guards. */
    static AlignConfig guarded(AlignConfig c, Map<String, Double> guards) {
        return changed(c, c.networks(), c.rank(), guards);
    }

    /** The same for these networks, with another rank. */
    static AlignConfig shaped(AlignConfig c, List<String> networks, int rank) {
        return changed(c, networks, rank, c.guards());
    }

    private static AlignConfig changed(
            AlignConfig c, List<String> networks, int rank, Map<String, Double> guards) {
        return new AlignConfig(
                c.model(),
                c.loras(),
                c.precision(),
                networks,
                rank,
                c.alpha(),
                c.dropout(),
                c.targets(),
                c.seed(),
                c.steps(),
                c.learningRate(),
                c.schedule(),
                c.warmup(),
                c.weightDecay(),
                c.loss(),
                c.beta(),
                c.factor(),
                c.labelSmoothing(),
                c.supervised(),
                c.timesteps(),
                c.pairsPerStep(),
                c.clip(),
                c.checkpointEvery(),
                c.memory(),
                c.heldOut(),
                c.compareSamples(),
                c.compareSeeds(),
                c.target(),
                c.motionTolerance(),
                guards,
                c.scheduleSteps(),
                c.ownNoise(),
                c.reference());
    }

    /** The same for the vision-language model; in four bits a CPU takes ten times as long. */
    static AlignConfig judge(AlignConfig c) {
        return new AlignConfig(
                "qwen",
                List.of(),
                "fp32",
                List.of(),
                4,
                8,
                0,
                List.of(),
                c.seed(),
                c.steps(),
                c.learningRate(),
                "constant",
                0,
                0,
                "sigmoid",
                1,
                1,
                0,
                0,
                "uniform",
                2,
                1e6,
                1,
                "kept",
                c.heldOut(),
                100,
                1,
                "warping_error",
                0.05,
                Map.of(),
                List.of(),
                null,
                null);
    }
}
