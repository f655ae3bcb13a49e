package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.adapter.NetworkAdapter;
import dev.reelrank.alignment.adapter.PeftAdapter;
import dev.reelrank.alignment.curve.EventFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.BlockPass;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainedAdaptersIT {
    private static final Path LORA = TinyWan.FIXTURES.resolve("lora");

    @TempDir Path folder;

    @Test
    void shouldAnswerAsDiffusersDoesWithTheAdapterOfAFile() {
        try (var scope = TensorScope.open();
                var wanted = SafetensorsFile.open(LORA.resolve("output.safetensors"));
                var model = TinyWan.load(Precision.FP32, "transformer")) {
            var network = model.networks().get(0);
            var adapter = DiffusersAdapter.read(LORA.resolve(DiffusersAdapter.FILE), "transformer");
            TrainedAdapters.begin(network, adapter);
            LatentPair pair = TinyWan.pair(1, 2, 3);
            var pass = network.pass(pair.winner(), 937.5, pair.condition());
            Tensor with = BlockPass.infer(pass.input(), pass.blocks());
            assertThat(TinyWan.relativeError(with, wanted.tensor("output"))).isLessThan(1e-4);
            network.adapters().on(false);
            Tensor without = BlockPass.infer(pass.input(), pass.blocks());
            assertThat(TinyWan.relativeError(without, wanted.tensor("output"))).isGreaterThan(0.01);
        }
    }

    @Test
    void shouldCountAMergedAdapterAmongTheFrozenWeights() {
        var worn = new LoraSpec(LORA.resolve(DiffusersAdapter.FILE), 1);
        try (var scope = TensorScope.open();
                var wanted = SafetensorsFile.open(LORA.resolve("output.safetensors"));
                var model =
                        TinyWan.load(Precision.FP32, List.of(worn), TinyWan.LORA, "transformer")) {
            var network = model.networks().get(0);
            network.adapters().on(false);
            LatentPair pair = TinyWan.pair(1, 2, 3);
            var pass = network.pass(pair.winner(), 937.5, pair.condition());
            Tensor reference = BlockPass.infer(pass.input(), pass.blocks());
            assertThat(TinyWan.relativeError(reference, wanted.tensor("output"))).isLessThan(1e-4);
        }
    }

    @Test
    void shouldWriteTheAdapterOfATrainingAndReadItBack() {
        try (var scope = TensorScope.open();
                var model = TinyWan.load(Precision.FP32)) {
            model.networks().forEach(network -> TinyWan.draw(network, 0.1));
            var adapters = TrainedAdapters.of(model);
            assertThat(adapters.keySet()).containsExactly("transformer", "transformer_2");
            PeftAdapter.write(folder, adapters.get("transformer_2"), "WanTransformer3DModel");
            var read = PeftAdapter.read(folder);
            var again = model.networks().get(1);
            TinyWan.draw(again, 0);
            TrainedAdapters.begin(again, read);
            assertThat(
                            TinyWan.relativeError(
                                    again.adapters()
                                            .tensors()
                                            .get("blocks.0.attn1.to_q.lora_B.weight"),
                                    read.tensors().get("blocks.0.attn1.to_q.lora_B.weight")))
                    .isZero();
            assertThatThrownBy(
                            () ->
                                    TrainedAdapters.begin(
                                            again, new NetworkAdapter(4, 4, read.tensors())))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("set them alike");
        }
    }

    @Test
    void shouldDrawCurvesOverAnInterruption() {
        var reports = new ArrayList<StepReport>();
        for (int step = 1; step <= 6; step++) {
            reports.add(
                    new StepReport(
                            step,
                            6,
                            "transformer",
                            0.7,
                            0.1,
                            -0.1,
                            1,
                            1,
                            1,
                            1,
                            1,
                            500,
                            1,
                            1e-4,
                            2,
                            new MemoryReport(1, 1, 1)));
        }
        try (var events = EventFile.create(folder.resolve("events"), "test", Clock.systemUTC())) {
            var curves = new TrainingCurves(events, reports.subList(0, 5));
            curves.add(reports.get(3));
            curves.add(reports.get(4));
            curves.draw(folder);
            for (String name : List.of("loss.png", "rewards.png", "accuracy.png")) {
                assertThat(folder.resolve(name)).isNotEmptyFile();
            }
            assertThat(events.file()).isNotEmptyFile();
        }
    }
}
