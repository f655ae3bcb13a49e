package dev.reelrank.torch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.BlockChain;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.BlockPass.Memory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LoraLayersTest {
    private static final LoraConfig CONFIG =
            new LoraConfig(4, 8, 0, List.of("query", "value", "up"));

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static LoraLayers lively(LoraConfig config) {
        return new LoraLayers(config, 7);
    }

    /** Gives B values, so that the adapters change something. */
    private static void enliven(LoraLayers layers) {
        var values = new LinkedHashMap<String, Tensor>();
        layers.tensors()
                .forEach(
                        (name, leaf) ->
                                values.put(
                                        name,
                                        Ops.mul(Noise.normal(name.hashCode(), leaf.shape()), 0.3)));
        layers.restore(values);
    }

    private static Map<String, float[]> gradients(
            BlockChain chain, LoraLayers layers, Memory memory, Tensor x, long dropoutSeed) {
        layers.tensors().values().forEach(Gradients::clear);
        layers.dropout(dropoutSeed);
        try (var pass = BlockPass.forward(new Tensor[] {x}, chain.blocks(), memory)) {
            pass.backward(Noise.normal(5, pass.output().shape()));
        }
        layers.keepAll();
        var found = new TreeMap<String, float[]>();
        layers.tensors().forEach((name, leaf) -> found.put(name, Ops.floats(Gradients.of(leaf))));
        return found;
    }

    @ParameterizedTest
    @EnumSource(
            value = LinearFormat.class,
            names = {"DENSE", "FLOAT8_WEIGHTS"})
    void shouldGiveTheSameGradientsBitForBitWhenBlocksAreComputedAgain(LinearFormat format) {
        for (double dropout : new double[] {0, 0.2}) {
            var config = new LoraConfig(4, 8, dropout, CONFIG.targets());
            try (var layers = lively(config);
                    var chain = new BlockChain(6, DType.FLOAT32, format, layers)) {
                enliven(layers);
                Tensor x = Noise.normal(1, 1, 5, 16);
                var kept = gradients(chain, layers, Memory.KEPT, x, 3);
                var again = gradients(chain, layers, Memory.RECOMPUTED, x, 3);
                assertThat(kept).hasSize(36);
                kept.forEach((name, numbers) -> assertThat(again.get(name)).isEqualTo(numbers));
                assertThat(kept.values()).allMatch(numbers -> largest(numbers) > 0);
                var other = gradients(chain, layers, Memory.RECOMPUTED, x, 4);
                assertThat(other.get("blocks.0.up.lora_A.weight"))
                        .matches(
                                n ->
                                        java.util.Arrays.equals(
                                                        n, kept.get("blocks.0.up.lora_A.weight"))
                                                == (dropout == 0));
            }
        }
    }

    private static float largest(float[] numbers) {
        float largest = 0;
        for (float number : numbers) {
            largest = Math.max(largest, Math.abs(number));
        }
        return largest;
    }

    @Test
    void shouldAgreeWithGradientsFromDifferences() {
        try (var layers = lively(CONFIG);
                var chain = new BlockChain(2, DType.FLOAT32, LinearFormat.DENSE, layers)) {
            enliven(layers);
            Tensor x = Noise.normal(1, 1, 5, 16);
            Tensor upstream = Noise.normal(5, 1, 5, 16);
            var found = gradients(chain, layers, Memory.RECOMPUTED, x, 0);
            Tensor leaf = layers.tensors().get("blocks.1.query.lora_B.weight");
            float step = 1e-2f;
            double[] sums = new double[2];
            for (int side = 0; side < 2; side++) {
                try (var changed = TensorScope.inference()) {
                    Tensor number = leaf.select(0, 3).select(0, 1);
                    number.add_(new org.bytedeco.pytorch.Scalar(side == 0 ? step : -2 * step));
                    Tensor y = BlockPass.infer(new Tensor[] {x}, chain.blocks());
                    sums[side] = y.mul(upstream).sum().item_double();
                }
            }
            double slope = (sums[0] - sums[1]) / (2 * step);
            double gradient = found.get("blocks.1.query.lora_B.weight")[3 * 4 + 1];
            assertThat(Math.abs(gradient - slope) / Math.abs(slope)).isLessThan(1e-2);
        }
    }

    @Test
    void shouldBeTheBaseBitForBitWhenNewAndWhenOff() {
        try (var plain =
                        new BlockChain(
                                2,
                                DType.FLOAT32,
                                LinearFormat.DENSE,
                                dev.reelrank.torch.LinearAdapters.NONE);
                var layers = lively(CONFIG);
                var chain = new BlockChain(2, DType.FLOAT32, LinearFormat.DENSE, layers)) {
            Tensor[] x = {Noise.normal(1, 1, 5, 16)};
            float[] base = Ops.floats(BlockPass.infer(x, plain.blocks()));
            assertThat(Ops.floats(BlockPass.infer(x, chain.blocks()))).isEqualTo(base);
            enliven(layers);
            assertThat(Ops.floats(BlockPass.infer(x, chain.blocks()))).isNotEqualTo(base);
            layers.on(false);
            assertThat(Ops.floats(BlockPass.infer(x, chain.blocks()))).isEqualTo(base);
        }
    }

    @Test
    void shouldStartEqualAdaptersFromEqualSeeds() {
        try (var one = lively(CONFIG);
                var first = new BlockChain(2, DType.FLOAT32, LinearFormat.DENSE, one);
                var two = lively(CONFIG);
                var second = new BlockChain(2, DType.FLOAT32, LinearFormat.DENSE, two)) {
            one.tensors()
                    .forEach(
                            (name, leaf) ->
                                    assertThat(Ops.floats(leaf.detach()))
                                            .isEqualTo(
                                                    Ops.floats(two.tensors().get(name).detach())));
            float[] a = Ops.floats(one.tensors().get("blocks.0.query.lora_A.weight").detach());
            assertThat(largest(a)).isLessThanOrEqualTo(0.25f).isGreaterThan(0.2f);
            assertThat(a)
                    .isNotEqualTo(
                            Ops.floats(one.tensors().get("blocks.1.query.lora_A.weight").detach()));
        }
    }

    @Test
    void shouldNameWhatDoesNotFit() {
        assertThatThrownBy(() -> new LoraConfig(0, 1, 0, List.of("q")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("rank must be at least 1");
        assertThatThrownBy(() -> new LoraConfig(1, 1, 0, List.of("^(")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("regular expression");
        try (var none = lively(new LoraConfig(1, 1, 0, List.of("nowhere")));
                var chain = new BlockChain(1, DType.FLOAT32, LinearFormat.DENSE, none)) {
            assertThatThrownBy(none::requireAllUsed)
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("[nowhere]");
            assertThat(chain.blocks()).isNotEmpty();
        }
        try (var layers = lively(CONFIG);
                var chain = new BlockChain(1, DType.FLOAT32, LinearFormat.DENSE, layers)) {
            assertThatThrownBy(() -> layers.restore(Map.of()))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("blocks.0.query.lora_A.weight")
                    .hasMessageContaining("missing");
            assertThatThrownBy(
                            () -> layers.restore(Map.of("other.lora_A.weight", Noise.normal(0, 1))))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("no trained layer");
            assertThat(chain.blocks()).isNotEmpty();
        }
    }

    @Test
    void shouldChooseLayersAsPeftDoes() {
        var suffixes = new LoraConfig(1, 1, 0, List.of("attn1.to_q", "to_k"));
        assertThat(suffixes.targets("blocks.3.attn1.to_q")).isTrue();
        assertThat(suffixes.targets("blocks.3.attn2.to_k")).isTrue();
        assertThat(suffixes.targets("to_k")).isTrue();
        assertThat(suffixes.targets("blocks.3.attn2.to_q")).isFalse();
        assertThat(suffixes.targets("blocks.3.not_to_k")).isFalse();
        var pattern = new LoraConfig(1, 1, 0, List.of("^blocks\\.[01]\\..*"));
        assertThat(pattern.targets("blocks.1.attn1.to_q")).isTrue();
        assertThat(pattern.targets("blocks.11.attn1.to_q")).isFalse();
    }
}
