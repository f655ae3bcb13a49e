package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.cogvideox.CogFamily;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.BlockPass.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A pair on the tiny CogVideoX, in v prediction, against PyTorch and PEFT (make_training.py there).
 */
final class CogVideoXPairIT {
    private static final Path FIXTURES = Path.of("../cogvideox/src/test/resources/cogvideox");
    private static final PreferenceLoss LOSS = PreferenceLoss.sigmoid(10);

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "t2v, 3, 739, KEPT",
        "t2v, 3, 739, RECOMPUTED",
        "i2v15, 4, 260, RECOMPUTED",
    })
    void shouldHaveTheLossAndGradientsOfPeft(
            String name, int frames, double timestep, Memory memory) throws IOException {
        try (var scope = TensorScope.open();
                var model = model(name);
                var wanted = SafetensorsFile.open(FIXTURES.resolve("gradients.safetensors"))) {
            var network = model.networks().get(0);
            TinyWan.draw(network, 0.1);
            var taught =
                    new PairPass(model, LOSS, memory)
                            .run(
                                    network,
                                    pair(frames, name.startsWith("i2v")),
                                    new Draw(0, timestep, 7, 0),
                                    1);
            assertThat(taught.loss().loss())
                    .isCloseTo(
                            Ops.floats(wanted.tensor(name + ".loss"))[0], withinPercentage(0.01));
            float[] errors = Ops.floats(wanted.tensor(name + ".errors"));
            assertThat(taught.errors().winner()).isCloseTo(errors[0], within(1e-4));
            assertThat(taught.errors().referenceWinner()).isCloseTo(errors[1], within(1e-4));
            assertThat(taught.errors().loser()).isCloseTo(errors[2], within(1e-4));
            assertThat(taught.errors().referenceLoser()).isCloseTo(errors[3], within(1e-4));
            var tensors = network.adapters().tensors();
            assertThat(tensors.keySet())
                    .isEqualTo(
                            wanted.names().stream()
                                    .filter(key -> key.startsWith(name + ".transformer_blocks"))
                                    .map(key -> key.substring(name.length() + 1))
                                    .collect(java.util.stream.Collectors.toSet()));
            tensors.forEach(
                    (layer, leaf) ->
                            assertThat(
                                            TinyWan.relativeError(
                                                    Gradients.of(leaf),
                                                    wanted.tensor(name + "." + layer)))
                                    .as(layer)
                                    .isLessThan(1e-4));
        }
    }

    private TrainableModel model(String name) throws IOException {
        for (String part : List.of("base", name)) {
            Path from = FIXTURES.resolve(part);
            try (var files = Files.walk(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path to = folder.resolve(from.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
        var settings =
                new TrainingSettings(
                        Precision.FP32, List.of(), TinyWan.LORA, 5, List.of(), DType.FLOAT32);
        return ((Trainable) new CogFamily().open(folder)).train(settings, TorchDevice.cpu());
    }

    private static LatentPair pair(int frames, boolean image) {
        Tensor text = Noise.normal(4, 1, 40, 32).squeeze(0);
        long[] shape = {1, 4, frames, 4, 6};
        return new LatentPair(
                Noise.normal(1, shape),
                Noise.normal(2, shape),
                new TrainingCondition(
                        new TextContext(text, 0), image ? Noise.normal(3, shape) : null));
    }
}
