package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.animatediff.AnimateDiffModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.BlockPass.Memory;
import dev.reelrank.torch.train.LoraConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network that predicts the noise: AnimateDiff's, against PyTorch, diffusers and PEFT. */
final class EpsilonPairIT {
    private static final Path FIXTURES = Path.of("../animatediff/src/test/resources/animatediff");

    @ParameterizedTest
    @EnumSource(Memory.class)
    void shouldHaveTheLossAndGradientsOfPeft(Memory memory) {
        var model = AnimateDiffModel.open(FIXTURES.resolve("sd"));
        var targets = "^" + model.training().loraTargets().get(0).pattern();
        var settings =
                new TrainingSettings(
                        Precision.FP32,
                        List.of(),
                        new LoraConfig(2, 6, 0, List.of(targets)),
                        5,
                        List.of(),
                        DType.FLOAT32);
        try (var scope = TensorScope.open();
                var wanted = SafetensorsFile.open(FIXTURES.resolve("training.safetensors"));
                var trained = model.train(settings, TorchDevice.cpu())) {
            var network = trained.networks().get(0);
            var values = new LinkedHashMap<String, Tensor>();
            for (String name : network.adapters().tensors().keySet()) {
                values.put(name, wanted.tensor("lora/" + name));
            }
            assertThat(values).hasSize(10 * 2 * 4 * 2);
            network.adapters().restore(values);
            var pair =
                    new LatentPair(
                            wanted.tensor("winner"),
                            wanted.tensor("loser"),
                            new TrainingCondition(new TextContext(wanted.tensor("text"), 0), null));
            var taught =
                    new PairPass(trained, PreferenceLoss.sigmoid(10), memory)
                            .run(network, pair, new Draw(0, 437, 71, 0), 1);
            float[] errors = Ops.floats(wanted.tensor("errors"));
            assertThat(taught.errors().winner()).isCloseTo(errors[0], within(1e-5));
            assertThat(taught.errors().loser()).isCloseTo(errors[1], within(1e-5));
            assertThat(taught.errors().referenceWinner()).isCloseTo(errors[2], within(1e-5));
            assertThat(taught.errors().referenceLoser()).isCloseTo(errors[3], within(1e-5));
            assertThat(taught.loss().loss())
                    .isCloseTo(Ops.floats(wanted.tensor("loss"))[0], withinPercentage(0.01));
            double largest = 0;
            for (String name : values.keySet()) {
                largest = Math.max(largest, norm(wanted.tensor("gradient/" + name)));
            }
            for (var leaf : network.adapters().tensors().entrySet()) {
                Tensor exact = wanted.tensor("gradient/" + leaf.getKey());
                double error = norm(Gradients.of(leaf.getValue()).sub(exact));
                // A gradient that nearly cancels is judged by a hundredth of the largest one.
                assertThat(error / Math.max(norm(exact), largest / 100))
                        .as(leaf.getKey())
                        .isLessThan(1e-4);
            }
        }
    }

    private static double norm(Tensor values) {
        return values.norm().item_float();
    }
}
