package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.torch.train.LoraLayers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Against PyTorch and PEFT (make_judge_fixtures.py), and on the small trained model that ships. */
final class JudgeTrainingIT {
    private static final Path TESTBED = Path.of("../../models/testbed/qwen");

    private static LoraLayers adapters(int rank) {
        return new LoraLayers(new LoraConfig(rank, 2.0 * rank, 0, QwenJudge.TARGETS), 3);
    }

    private static QwenJudge judge(Path folder, QwenPrecision precision, int rank) {
        return QwenJudge.load(
                folder, Device.CPU, precision, adapters(rank), QwenJudge.Wording.BETTER);
    }

    private static JudgeTraining.Settings settings(
            int steps, double rate, double beta, int pairs, BlockPass.Memory memory) {
        return new JudgeTraining.Settings(
                5,
                new LearningRate(rate, LearningRate.Shape.CONSTANT, 0, steps),
                AdamW.Settings.DEFAULT,
                beta,
                pairs,
                1e9,
                memory);
    }

    private static Map<String, Tensor> fixture(Checkpoint file, String prefix) {
        var found = new LinkedHashMap<String, Tensor>();
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), file.stored(name));
            }
        }
        return found;
    }

    private static List<RgbImage> frames(int... salts) {
        var frames = new ArrayList<RgbImage>();
        for (int salt : salts) {
            frames.add(Fixtures.picture(64, 48, salt));
        }
        return frames;
    }

    @Test
    void shouldTakeTheStepsOfPyTorchAndPeft() {
        try (var file = Checkpoint.open(Fixtures.folder().resolve("judge.safetensors"));
                var scope = TensorScope.inference();
                var judge = judge(Fixtures.tiny(), QwenPrecision.FP32, 4);
                var chosen = judge.look(frames(0, 4));
                var rejected = judge.look(frames(2, 5))) {
            judge.adapters().restore(fixture(file, "begin."));
            float[] reference = Ops.floats(file.stored("reference"));
            judge.adapters().on(false);
            assertThat(judge.odds(chosen)).isCloseTo(reference[0], withinPercentage(0.01));
            assertThat(judge.odds(rejected)).isCloseTo(reference[1], withinPercentage(0.01));
            judge.adapters().on(true);
            float[] odds = Ops.floats(file.stored("odds"));
            assertThat(judge.odds(chosen)).isCloseTo(odds[0], withinPercentage(0.01));
            var steps = new ArrayList<JudgeTraining.Step>();
            new JudgeTraining(judge, settings(5, 1e-2, 2, 1, BlockPass.Memory.RECOMPUTED))
                    .run(List.of(new JudgeTraining.Pair(chosen, rejected)), steps::add);
            float[] losses = Ops.floats(file.stored("losses"));
            for (int i = 0; i < losses.length; i++) {
                assertThat(steps.get(i).loss()).isCloseTo(losses[i], withinPercentage(0.05));
            }
            fixture(file, "end.")
                    .forEach(
                            (name, wanted) ->
                                    assertThat(
                                                    Ops.floats(
                                                            judge.adapters()
                                                                    .tensors()
                                                                    .get(name)
                                                                    .detach()))
                                            .as(name)
                                            .containsExactly(Ops.floats(wanted), within(1e-4f)));
        }
    }

    @Test
    void shouldGiveTheGradientsOfPyTorchWithAndWithoutRecomputation() {
        try (var file = Checkpoint.open(Fixtures.folder().resolve("judge.safetensors"));
                var scope = TensorScope.inference();
                var judge = judge(Fixtures.tiny(), QwenPrecision.FP32, 4);
                var chosen = judge.look(frames(0, 4));
                var rejected = judge.look(frames(2, 5))) {
            judge.adapters().restore(fixture(file, "begin."));
            float[] reference = Ops.floats(file.stored("reference"));
            var recomputed = gradients(judge, chosen, rejected, reference, false);
            var kept = gradients(judge, chosen, rejected, reference, true);
            var wanted = fixture(file, "gradient.");
            assertThat(recomputed.keySet()).isEqualTo(wanted.keySet());
            wanted.forEach(
                    (name, values) -> {
                        assertThat(kept.get(name)).as(name).isEqualTo(recomputed.get(name));
                        float largest = 0;
                        for (float v : Ops.floats(values)) {
                            largest = Math.max(largest, Math.abs(v));
                        }
                        assertThat(recomputed.get(name))
                                .as(name)
                                .containsExactly(Ops.floats(values), within(largest * 1e-4f));
                    });
        }
    }

    /** Of the loss at beta 2: each side's slope is known from its odds. */
    private static Map<String, float[]> gradients(
            QwenJudge judge,
            QwenJudge.Seen chosen,
            QwenJudge.Seen rejected,
            float[] reference,
            boolean kept) {
        var memory = kept ? BlockPass.Memory.KEPT : BlockPass.Memory.RECOMPUTED;
        for (int side = 0; side < 2; side++) {
            int sign = side == 0 ? 1 : -1;
            try (var scope = TensorScope.inference();
                    var pass = judge.pass(side == 0 ? chosen : rejected, memory)) {
                double margin = sign * 2 * (pass.output().item_float() - reference[side]);
                float slope = (float) (-sign * 2 / (1 + Math.exp(margin)) / 2);
                pass.backward(Ops.tensor(new float[] {slope}, 1));
            }
        }
        var found = new LinkedHashMap<String, float[]>();
        try (var scope = TensorScope.inference()) {
            judge.adapters()
                    .tensors()
                    .forEach(
                            (name, leaf) -> {
                                found.put(name, Ops.floats(Gradients.of(leaf)));
                                Gradients.clear(leaf);
                            });
        }
        return found;
    }

    @Test
    void shouldAnswerAsTheModelItselfWhileItsAdaptersChangeNothing() {
        var question = QwenJudge.Wording.BETTER;
        try (var judge = judge(Fixtures.tiny(), QwenPrecision.FP32, 4);
                var model = Fixtures.model(QwenPrecision.FP32);
                var seen = judge.look(frames(0, 4))) {
            var asked =
                    model.ask(
                            question.system(),
                            frames(0, 4),
                            List.of(question.question()),
                            question.yes(),
                            question.no());
            assertThat(judge.answer(seen).yes()).isCloseTo(asked.get(0).yes(), within(1e-6));
            assertThat(judge.answer(seen).no()).isCloseTo(asked.get(0).no(), within(1e-6));
            assertThat(judge.odds(seen))
                    .isCloseTo(Math.log(asked.get(0).yes() / asked.get(0).no()), within(1e-4));
        }
    }

    /** A plain picture, lighter or darker. */
    private static RgbImage plain(int value, SplittableRandom random) {
        var rgb = new byte[64 * 64 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (value + random.nextInt(40));
        }
        return new RgbImage(64, 64, rgb);
    }

    @Test
    void shouldLearnATasteOverAFourBitBaseAndForgetItWhenSwitchedOff() {
        assumeThat(TESTBED.resolve("config.json")).exists();
        var random = new SplittableRandom(4);
        try (var judge = judge(TESTBED, QwenPrecision.INT4, 4)) {
            var pairs = new ArrayList<JudgeTraining.Pair>();
            for (int i = 0; i < 16; i++) {
                int light = 120 + random.nextInt(80);
                int dark = 20 + random.nextInt(70);
                pairs.add(
                        new JudgeTraining.Pair(
                                judge.look(List.of(plain(light, random))),
                                judge.look(List.of(plain(dark, random)))));
            }
            var seen = pairs.get(15).chosen();
            judge.adapters().on(false);
            double before = judge.odds(seen);
            var steps = new ArrayList<JudgeTraining.Step>();
            new JudgeTraining(judge, settings(12, 5e-3, 1, 2, BlockPass.Memory.KEPT))
                    .run(pairs.subList(0, 8), steps::add);
            assertThat(steps.get(0).loss()).isCloseTo(Math.log(2), within(1e-6));
            assertThat(steps.get(11).loss()).isLessThan(0.5);
            int right = 0;
            for (var pair : pairs.subList(8, 16)) {
                right += judge.odds(pair.chosen()) > judge.odds(pair.rejected()) ? 1 : 0;
            }
            assertThat(right).as("of eight unseen pairs").isGreaterThanOrEqualTo(7);
            judge.adapters().on(false);
            assertThat(judge.odds(seen)).isEqualTo(before);
            pairs.forEach(
                    pair -> {
                        pair.chosen().close();
                        pair.rejected().close();
                    });
        }
    }

    @Test
    void shouldNameTheStepAtWhichItDiverges() {
        try (var judge = judge(Fixtures.tiny(), QwenPrecision.FP32, 4);
                var chosen = judge.look(frames(0));
                var rejected = judge.look(frames(2))) {
            var training =
                    new JudgeTraining(judge, settings(50, 1e25, 1, 1, BlockPass.Memory.RECOMPUTED));
            assertThatThrownBy(
                            () ->
                                    training.run(
                                            List.of(new JudgeTraining.Pair(chosen, rejected)),
                                            step -> true))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("the training stopped at step")
                    .hasMessageContaining("lower learning rate");
        }
    }
}
