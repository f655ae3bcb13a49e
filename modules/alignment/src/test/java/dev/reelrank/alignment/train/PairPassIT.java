package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.BlockPass.Memory;
import dev.reelrank.torch.train.LoraConfig;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses and gradients against PyTorch, diffusers and PEFT (make_training.py). */
final class PairPassIT {
    private static final PreferenceLoss LOSS = PreferenceLoss.sigmoid(10);

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static double timestep(TrainableNetwork network) {
        return network.name().equals("transformer") ? 937.5 : 400;
    }

    private static Map<String, float[]> gradients(TrainableNetwork network) {
        var found = new TreeMap<String, float[]>();
        network.adapters()
                .tensors()
                .forEach(
                        (name, leaf) -> {
                            found.put(name, Ops.floats(Gradients.of(leaf)));
                            Gradients.clear(leaf);
                        });
        return found;
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, RECOMPUTED",
        "FP32, KEPT",
        "BF16_WEIGHTS, RECOMPUTED",
        "BF16_WEIGHTS, KEPT",
    })
    void shouldHaveTheLossesAndGradientsOfPeft(Precision precision, Memory memory) {
        try (var model = TinyWan.load(precision);
                var wanted = fixture()) {
            assertThat(model.networks()).hasSize(2);
            for (var network : model.networks()) {
                String prefix = network.name() + "." + precision.id() + ".";
                var taught = taught(model, network, memory);
                assertThat(taught.loss().loss())
                        .as(prefix)
                        .isCloseTo(
                                Ops.floats(wanted.tensor(prefix + "loss"))[0],
                                withinPercentage(0.01));
                float[] errors = Ops.floats(wanted.tensor(prefix + "errors"));
                var found = taught.errors();
                assertThat(
                                new double[] {
                                    found.winner(),
                                    found.referenceWinner(),
                                    found.loser(),
                                    found.referenceLoser()
                                })
                        .as(prefix)
                        .containsExactly(
                                new double[] {errors[0], errors[1], errors[2], errors[3]},
                                within(1e-5));
                assertThat(largestError(network, wanted, prefix)).as(prefix).isLessThan(1e-4);
            }
        }
    }

    /**
     * In bfloat16 the order of operations decides roundings, so two libraries agree only as far as
     * each agrees with float32.
     */
    @Test
    void shouldRoundNoWorseThanPeftInBfloat16() {
        try (var model = TinyWan.load(Precision.BF16);
                var wanted = fixture()) {
            for (var network : model.networks()) {
                taught(model, network, Memory.RECOMPUTED);
                String exact = network.name() + ".fp32.";
                double ours = largestError(network, wanted, exact);
                double theirs = 0;
                for (String name : network.adapters().tensors().keySet()) {
                    theirs =
                            Math.max(
                                    theirs,
                                    TinyWan.relativeError(
                                            wanted.tensor(network.name() + ".bf16." + name),
                                            wanted.tensor(exact + name)));
                }
                assertThat(ours).as(exact).isLessThan(1.5 * theirs);
                assertThat(theirs).isLessThan(0.5);
            }
        }
    }

    private static SafetensorsFile fixture() {
        return SafetensorsFile.open(TinyWan.FIXTURES.resolve("gradients.safetensors"));
    }

    private static PairPass.Taught taught(
            TrainableModel model, TrainableNetwork network, Memory memory) {
        TinyWan.draw(network, 0.1);
        return new PairPass(model, LOSS, memory)
                .run(network, TinyWan.pair(1, 2, 3), new Draw(0, timestep(network), 7, 0), 1);
    }

    private static double largestError(
            TrainableNetwork network, SafetensorsFile wanted, String prefix) {
        double worst = 0;
        for (var leaf : network.adapters().tensors().entrySet()) {
            double error =
                    TinyWan.relativeError(
                            Gradients.of(leaf.getValue()), wanted.tensor(prefix + leaf.getKey()));
            worst = Math.max(worst, error);
        }
        return worst;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    void shouldHaveTheSameGradientsBitForBitWhenBlocksAreComputedAgain(double dropout) {
        var lora = new LoraConfig(4, 8, dropout, TinyWan.LORA.targets());
        for (var precision :
                new Precision[] {Precision.FP32, Precision.BF16, Precision.FP8_WEIGHTS}) {
            try (var model = TinyWan.load(precision, lora, "transformer_2")) {
                var network = model.networks().get(0);
                TinyWan.draw(network, 0.1);
                var draw = new Draw(0, 400, 7, 3);
                new PairPass(model, LOSS, Memory.KEPT).run(network, TinyWan.pair(1, 2, 3), draw, 1);
                var kept = gradients(network);
                new PairPass(model, LOSS, Memory.RECOMPUTED)
                        .run(network, TinyWan.pair(1, 2, 3), draw, 1);
                var again = gradients(network);
                assertThat(kept).hasSize(32);
                kept.forEach((name, numbers) -> assertThat(again.get(name)).isEqualTo(numbers));
            }
        }
    }

    @Test
    void shouldBeLnTwoBeforeAnythingIsLearned() {
        for (var precision : new Precision[] {Precision.FP32, Precision.BF16}) {
            try (var model = TinyWan.load(precision)) {
                for (var network : model.networks()) {
                    var taught =
                            new PairPass(model, PreferenceLoss.sigmoid(2500), Memory.RECOMPUTED)
                                    .run(
                                            network,
                                            TinyWan.pair(1, 2, 3),
                                            new Draw(0, timestep(network), 7, 0),
                                            1);
                    assertThat(taught.loss().loss()).isEqualTo(Math.log(2));
                    gradients(network)
                            .forEach(
                                    (name, numbers) ->
                                            assertThat(numbers)
                                                    .as(name)
                                                    .matches(
                                                            n ->
                                                                    name.contains("lora_A")
                                                                            == java.util.Arrays
                                                                                    .equals(
                                                                                            n,
                                                                                            new float
                                                                                                    [n.length])));
                }
            }
        }
    }

    @Test
    void shouldLearnFromTheWinnerAloneWithoutBeta() {
        var loss = new PreferenceLoss(PreferenceLoss.Shape.SIGMOID, 0, 1, 0, 1);
        try (var model = TinyWan.load(Precision.FP32, "transformer")) {
            var network = model.networks().get(0);
            var pass = new PairPass(model, loss, Memory.RECOMPUTED);
            var draw = new Draw(0, timestep(network), 7, 0);
            var taught = pass.run(network, TinyWan.pair(1, 2, 3), draw, 1);
            assertThat(taught.loss().loss()).isEqualTo(taught.errors().winner()).isPositive();
            var gradients = gradients(network);
            pass.run(network, TinyWan.pair(1, 5, 3), draw, 1);
            var otherLoser = gradients(network);
            pass.run(network, TinyWan.pair(4, 2, 3), draw, 1);
            var otherWinner = gradients(network);
            gradients.forEach(
                    (name, numbers) -> {
                        assertThat(otherLoser.get(name)).isEqualTo(numbers);
                        if (name.contains("lora_B")) {
                            assertThat(otherWinner.get(name)).isNotEqualTo(numbers);
                        }
                    });
        }
    }

    @Test
    void shouldAddNoGradientWhereALossIsNotFinite() {
        try (var model = TinyWan.load(Precision.FP32, "transformer")) {
            var network = model.networks().get(0);
            TinyWan.draw(network, Double.POSITIVE_INFINITY);
            var taught =
                    new PairPass(model, LOSS, Memory.RECOMPUTED)
                            .run(network, TinyWan.pair(1, 2, 3), new Draw(0, 950, 7, 0), 1);
            assertThat(taught.loss().loss()).isNaN();
            network.adapters()
                    .tensors()
                    .values()
                    .forEach(leaf -> assertThat(Gradients.present(leaf)).isFalse());
        }
    }
}
