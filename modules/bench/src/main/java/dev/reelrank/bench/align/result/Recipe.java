package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LoraConfig;
import java.util.List;

/**
 * How an adapter of the testbed's generator is trained.
 *
 * @param networks which experts, by folder
 * @param targets layers that get a LoRA
 * @param rank of the LoRA; alpha is the same
 * @param learningRate after a short warm-up, then constant
 * @param beta how strongly the reference holds
 * @param supervised weight of the winner's own error
 * @param steps optimizer steps
 * @param passes pairs per step
 * @param schedule whether only the timesteps of the generator's schedule are trained, else all
 */
record Recipe(
        List<String> networks,
        List<String> targets,
        int rank,
        double learningRate,
        double beta,
        double supervised,
        int steps,
        int passes,
        boolean schedule) {
    static final String HIGH = "transformer";
    static final String LOW = "transformer_2";

    /** All attention projections. */
    static final List<String> ATTENTION = List.of("to_q", "to_k", "to_v", "to_out.0");

    /** Those between the places and times of the video, not those to the prompt. */
    static final List<String> SELF_ATTENTION =
            List.of("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0");

    private static final int WARMUP = 10;

    /** PyTorch's, without decay: an adapter is small already. */
    private static final AdamW.Settings OPTIMIZER = new AdamW.Settings(0.9, 0.999, 1e-8, 0);

    Recipe {
        networks = List.copyOf(networks);
        targets = List.copyOf(targets);
    }

    LoraConfig lora() {
        return new LoraConfig(rank, rank, 0, targets);
    }

    Recipe withSteps(int other) {
        return new Recipe(
                networks, targets, rank, learningRate, beta, supervised, other, passes, schedule);
    }

    TrainingConfig config(long seed) {
        return new TrainingConfig(
                seed,
                new LearningRate(
                        learningRate,
                        LearningRate.Shape.CONSTANT,
                        Math.min(WARMUP, steps / 10),
                        steps),
                OPTIMIZER,
                new PreferenceLoss(PreferenceLoss.Shape.SIGMOID, beta, 1, 0, supervised),
                schedule
                        ? Timesteps.of(LatentSampler.timesteps(Screening.STEPS, Screening.SHIFT))
                        : Timesteps.uniform(),
                passes,
                1,
                Math.max(1, steps / 10),
                BlockPass.Memory.KEPT);
    }

    void write(ObjectNode json) {
        networks.forEach(json.putArray("networks")::add);
        targets.forEach(json.putArray("targets")::add);
        json.put("rank", rank);
        json.put("learningRate", learningRate);
        json.put("beta", beta);
        json.put("supervised", supervised);
        json.put("steps", steps);
        json.put("pairsPerStep", passes);
        json.put("timesteps", schedule ? "of the inference schedule" : "uniform");
    }
}
