package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/** The tiny Wan of modules/wan with the adapters and pairs of make_training.py. */
final class TinyWan {
    static final Path FIXTURES = Path.of("src/test/resources/alignment");
    private static final Path BASE = Path.of("../wan/src/test/resources/wan/i2v");
    static final LoraConfig LORA =
            new LoraConfig(4, 8, 0, List.of("to_q", "to_k", "to_v", "to_out.0"));

    private TinyWan() {}

    static WanSnapshot snapshot() {
        return WanSnapshot.open(BASE);
    }

    static TrainableModel load(Precision precision, String... networks) {
        return load(precision, LORA, networks);
    }

    static TrainableModel load(Precision precision, LoraConfig lora, String... networks) {
        return load(precision, List.of(), lora, networks);
    }

    static TrainableModel load(
            Precision precision, List<LoraSpec> merged, LoraConfig lora, String... networks) {
        var settings =
                new TrainingSettings(precision, merged, lora, 5, List.of(networks), DType.FLOAT32);
        return snapshot().train(settings, TorchDevice.cpu());
    }

    /** Gives every adapter the values that the script draws. */
    static void draw(TrainableNetwork network, double upScale) {
        try (var scope = TensorScope.open()) {
            var sorted = new TreeMap<>(network.adapters().tensors());
            var drawn = new LinkedHashMap<String, Tensor>();
            int index = 0;
            for (var entry : sorted.entrySet()) {
                double scale = entry.getKey().contains("lora_A") ? 0.2 : upScale;
                drawn.put(
                        entry.getKey(),
                        Ops.mul(Noise.normal(100L + index++, entry.getValue().shape()), scale));
            }
            network.adapters().restore(drawn);
        }
    }

    /** A pair from three seeds; tensors of the open scope. */
    static LatentPair pair(long winner, long loser, long condition) {
        Tensor text = Noise.normal(condition + 1, 1, 20, 32).squeeze(0);
        return new LatentPair(
                Noise.normal(winner, 1, 16, 3, 4, 6),
                Noise.normal(loser, 1, 16, 3, 4, 6),
                new TrainingCondition(
                        new TextContext(text, 492), Noise.normal(condition, 1, 20, 3, 4, 6)));
    }

    /** Three pairs made from seeds. */
    static TrainingPairs pairs() {
        return new TrainingPairs() {
            @Override
            public int size() {
                return 3;
            }

            @Override
            public String name(int index) {
                return "pair-" + index;
            }

            @Override
            public LatentPair pair(int index) {
                return TinyWan.pair(10L * index + 1, 10L * index + 2, 10L * index + 3);
            }

            @Override
            public String fingerprint() {
                return "three";
            }
        };
    }

    /** Difference and scale by the Frobenius norm. */
    static double relativeError(Tensor actual, Tensor wanted) {
        assertThat(actual.shape()).containsExactly(wanted.shape());
        try (var scope = TensorScope.open()) {
            return actual.detach().sub(wanted).norm().item_float() / wanted.norm().item_float();
        }
    }
}
