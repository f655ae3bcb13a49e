package dev.reelrank.torch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class AdamWTest {
    private static final Path FIXTURE = Path.of("src/test/resources/torch/training.safetensors");

    @Test
    void shouldTakeTheStepsThatPyTorchTakes() {
        try (var scope = TensorScope.open();
                var file = SafetensorsFile.open(FIXTURE)) {
            var weights = new LinkedHashMap<String, Tensor>();
            for (String name : List.of("w", "b")) {
                weights.put(name, Gradients.leaf(file.tensor(name + ".0").clone()));
            }
            float[] norms = Ops.floats(file.tensor("norms"));
            float[] rates = Ops.floats(file.tensor("rates"));
            var rate = new LearningRate(3e-2, LearningRate.Shape.COSINE, 3, 10);
            try (var optimizer = new AdamW(weights, new AdamW.Settings(0.9, 0.95, 1e-7, 0.1))) {
                for (int step = 0; step < 10; step++) {
                    var gradients = new LinkedHashMap<String, Tensor>();
                    for (String name : weights.keySet()) {
                        gradients.put(name, file.tensor(name + ".g" + step).clone());
                    }
                    assertThat(GradientNorm.limit(gradients.values(), 1.8))
                            .isCloseTo(norms[step], within(1e-5));
                    assertThat(rate.at(step)).isCloseTo(rates[step], within(1e-8));
                    optimizer.step(gradients, rate.at(step));
                    for (var weight : weights.entrySet()) {
                        Tensor wanted = file.tensor(weight.getKey() + "." + (step + 1));
                        assertThat(Ops.floats(weight.getValue().detach()))
                                .containsExactly(Ops.floats(wanted), within(2e-7f));
                    }
                }
            }
        }
    }

    @Test
    void shouldAgreeWithTheKnownFirstSteps() {
        try (var scope = TensorScope.open()) {
            Tensor p = Gradients.leaf(Ops.tensor(new float[] {1}, 1));
            try (var optimizer = new AdamW(Map.of("p", p), AdamW.Settings.DEFAULT)) {
                for (float wanted : new float[] {0.899f, 0.798101f, 0.697303f}) {
                    optimizer.step(Map.of("p", Ops.tensor(new float[] {0.5f}, 1)), 0.1);
                    assertThat(Ops.floats(p.detach())[0]).isCloseTo(wanted, within(1e-6f));
                }
            }
        }
    }

    @Test
    void shouldGoOnFromStoredStateAsIfNothingHadHappened() {
        try (var scope = TensorScope.open()) {
            float[] undisturbed = steps(6, -1);
            assertThat(steps(6, 3)).isEqualTo(undisturbed);
            assertThat(steps(5, -1)).isNotEqualTo(undisturbed);
        }
    }

    private static float[] steps(int count, int interruption) {
        Tensor p = Gradients.leaf(Ops.tensor(new float[] {1, -2, 3}, 3));
        var optimizer = new AdamW(Map.of("p", p), AdamW.Settings.DEFAULT);
        for (int step = 0; step < count; step++) {
            if (step == interruption) {
                Tensor again = Gradients.leaf(p.detach().clone());
                var fresh = new AdamW(Map.of("p", again), AdamW.Settings.DEFAULT);
                fresh.restore(optimizer.state(), optimizer.steps());
                optimizer.close();
                p = again;
                optimizer = fresh;
            }
            Tensor gradient = Ops.tensor(new float[] {0.5f, step, -0.3f * step}, 3);
            optimizer.step(Map.of("p", gradient), 0.01);
        }
        optimizer.close();
        return Ops.floats(p.detach());
    }

    @Test
    void shouldRefuseStateOfAnotherTraining() {
        try (var scope = TensorScope.open()) {
            Tensor p = Gradients.leaf(Ops.tensor(new float[] {1}, 1));
            try (var optimizer = new AdamW(Map.of("p", p), AdamW.Settings.DEFAULT)) {
                assertThatThrownBy(() -> optimizer.restore(Map.of(), 3))
                        .isInstanceOf(StageException.class)
                        .hasMessageContaining("p.exp_avg")
                        .hasMessageContaining("another training");
            }
        }
    }

    @Test
    void shouldSayThatANormIsNotFinite() {
        try (var scope = TensorScope.open()) {
            assertThat(GradientNorm.limit(List.of(), 1)).isZero();
            Tensor gradient = Ops.tensor(new float[] {1, Float.NaN}, 2);
            assertThat(GradientNorm.limit(List.of(gradient), 1)).isNaN();
        }
    }
}
