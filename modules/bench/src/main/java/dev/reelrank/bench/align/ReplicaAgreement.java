package dev.reelrank.bench.align;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.alignment.train.PreferenceTrainer;
import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.bench.wan.Architecture;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LoraConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether several devices train the adapter that one device trains. Both trainings have the same
 * pairs per step; the one device passes them one after the other. The model is the small one, in
 * float32, with weights drawn from their names.
 */
final class ReplicaAgreement {
    private static final int SIDE = 64;
    private static final int FRAMES = 9;
    private static final int STEPS = 5;
    private static final int RANK = 8;

    private final Path scratch;
    private final LoraConfig lora;

    /**
     * @param scratch an existing folder
     * @param targets layers that get a LoRA
     */
    ReplicaAgreement(Path scratch, List<String> targets) {
        this.scratch = scratch;
        this.lora = new LoraConfig(RANK, RANK, 0, targets);
    }

    /**
     * Trains the adapter twice.
     *
     * @return the largest difference of two weights, relative to the largest weight
     */
    double difference(List<TorchDevice> devices) {
        var alone = train(devices.subList(0, 1), devices.size());
        var together = train(devices, devices.size());
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < alone.size(); i++) {
            for (int k = 0; k < alone.get(i).length; k++) {
                largest = Math.max(largest, Math.abs(alone.get(i)[k]));
                difference = Math.max(difference, Math.abs(alone.get(i)[k] - together.get(i)[k]));
            }
        }
        return difference / largest;
    }

    private List<float[]> train(List<TorchDevice> devices, int passes) {
        var settings =
                new TrainingSettings(
                        Precision.FP32, List.of(), lora, 1, List.of(WanSubject.NETWORK), null);
        var config =
                new TrainingConfig(
                        1,
                        new LearningRate(1e-3, LearningRate.Shape.CONSTANT, 0, STEPS),
                        AdamW.Settings.DEFAULT,
                        PreferenceLoss.sigmoid(2500),
                        Timesteps.uniform(),
                        passes,
                        1,
                        STEPS,
                        0,
                        TrainingConfig.Reference.OFF,
                        BlockPass.Memory.RECOMPUTED);
        try (var replicas = new LoadedReplicas(Architecture.TINY.repeatable(), settings, devices);
                var trainer =
                        new PreferenceTrainer(
                                replicas.models(),
                                new WanSubject(Architecture.TINY).pairs(SIDE, SIDE, FRAMES),
                                config,
                                new NothingKept(),
                                scratch)) {
            trainer.run(report -> true);
            var weights = new ArrayList<float[]>();
            var trained = replicas.models().get(0).networks().get(0).adapters().tensors();
            try (var scope = TensorScope.inference()) {
                trained.values().forEach(tensor -> weights.add(Ops.floats(tensor)));
            }
            return weights;
        }
    }
}
