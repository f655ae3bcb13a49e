package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.reelrank.alignment.loss.PreferenceLoss;
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
import dev.reelrank.wan.WanTi2vFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pair on the tiny Wan2.2-TI2V, in flow prediction, against PyTorch and PEFT
 * (make_ti2v_training.py there).
 */
final class Ti2vPairIT {
    private static final Path FIXTURES = Path.of("../wan/src/test/resources/wan");
    private static final PreferenceLoss LOSS = PreferenceLoss.sigmoid(10);
    private static final double TIMESTEP = 630;

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(names = {"KEPT", "RECOMPUTED"})
    void shouldHaveTheLossAndGradientsOfPeft(Memory memory) throws IOException {
        try (var scope = TensorScope.open();
                var model = model();
                var wanted = SafetensorsFile.open(FIXTURES.resolve("ti2v_gradients.safetensors"))) {
            var network = model.networks().get(0);
            TinyWan.draw(network, 0.1);
            var taught =
                    new PairPass(model, LOSS, memory)
                            .run(network, pair(), new Draw(0, TIMESTEP, 7, 0), 1);
            assertThat(taught.loss().loss())
                    .isCloseTo(Ops.floats(wanted.tensor("loss"))[0], withinPercentage(0.01));
            float[] errors = Ops.floats(wanted.tensor("errors"));
            assertThat(taught.errors().winner()).isCloseTo(errors[0], within(1e-4));
            assertThat(taught.errors().referenceWinner()).isCloseTo(errors[1], within(1e-4));
            assertThat(taught.errors().loser()).isCloseTo(errors[2], within(1e-4));
            assertThat(taught.errors().referenceLoser()).isCloseTo(errors[3], within(1e-4));
            var tensors = network.adapters().tensors();
            assertThat(tensors.keySet())
                    .isEqualTo(
                            wanted.names().stream()
                                    .filter(key -> key.startsWith("blocks."))
                                    .collect(Collectors.toSet()));
            tensors.forEach(
                    (layer, leaf) ->
                            assertThat(
                                            TinyWan.relativeError(
                                                    Gradients.of(leaf), wanted.tensor(layer)))
                                    .as(layer)
                                    .isLessThan(1e-4));
        }
    }

    private TrainableModel model() throws IOException {
        copy(FIXTURES.resolve("ti2v"), folder);
        for (String shared : List.of("tokenizer", "text_encoder")) {
            copy(FIXTURES.resolve("i2v").resolve(shared), folder.resolve(shared));
        }
        var settings =
                new TrainingSettings(
                        Precision.FP32, List.of(), TinyWan.LORA, 5, List.of(), DType.FLOAT32);
        return ((Trainable) new WanTi2vFamily().open(folder)).train(settings, TorchDevice.cpu());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    /** The rows after the prompt's twenty are zeros. */
    private static LatentPair pair() {
        return new LatentPair(
                Noise.normal(1, 1, 8, 3, 4, 6),
                Noise.normal(2, 1, 8, 3, 4, 6),
                new TrainingCondition(
                        new TextContext(Noise.normal(4, 1, 20, 32).squeeze(0), 492), null));
    }
}
