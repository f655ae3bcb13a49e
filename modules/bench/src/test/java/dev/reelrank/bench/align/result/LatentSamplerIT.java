package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.wan.WanPipeline;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LatentSamplerIT {
    private static final Path WAN = Path.of("../../models/testbed/wan");
    private static final int STEPS = 2;

    @TempDir Path folder;

    @Test
    void shouldMakeTheLatentsOfTheGenerator() {
        assumeTrue(Files.isDirectory(WAN), "models/testbed is not here");
        var snapshot = WanSnapshot.open(WAN);
        var sample = new SceneSample(Split.VALIDATION, 3);
        var image = sample.truth().clip().frames().get(0);
        Path file = folder.resolve("latents.safetensors");
        var d = snapshot.defaults();
        var settings =
                new GenerationSettings(
                        d.width(),
                        d.height(),
                        d.frames(),
                        d.fps(),
                        STEPS,
                        d.guidance(),
                        "",
                        d.scheduler(),
                        d.parameters());
        var load = new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null);
        try (var pipeline = WanPipeline.load(snapshot, load, TorchDevice.cpu());
                var conditioning = pipeline.condition(settings, sample.prompt(), image)) {
            pipeline.generate(
                    conditioning,
                    5,
                    new LatentsFile(file, STEPS),
                    GenerationListener.NONE,
                    frame -> {});
        }
        var lora = new LoraConfig(1, 1, 0, List.of("to_q"));
        try (var scope = TensorScope.inference();
                var encoder = snapshot.encoder(Precision.FP32, TorchDevice.cpu());
                var model =
                        snapshot.train(
                                new TrainingSettings(
                                        Precision.FP32, List.of(), lora, 1, List.of(), null),
                                TorchDevice.cpu());
                var wanted = SafetensorsFile.open(file)) {
            var condition = encoder.condition(sample.prompt(), image, 17, 128, 128);
            var sampler = new LatentSampler(model, STEPS, Screening.SHIFT, 1, 16, 5, 16, 16);
            var difference =
                    sampler.sample(condition, 5, false).sub(wanted.tensor("latents")).abs().max();
            assertThat(difference.item_float()).isLessThan(1e-4f);
        }
    }
}
