package dev.reelrank.bench.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whole videos of any family of generators, from the prompt to the pixels. */
final class VideoConformance implements Comparison {
    private final TorchDevice device;
    private final Precision precision;
    private final Offload offload;

    VideoConformance(TorchDevice device, Precision precision, Offload offload) {
        this.device = device;
        this.precision = precision;
        this.offload = offload;
    }

    @Override
    public void compare(Fixture fixture, Findings findings) {
        var model = GeneratorFamilies.all().open(fixture.model());
        compare(model, Map.of(), fixture, fixture.description().path("pipeline"), findings);
    }

    /**
     * Compares latents after the last step and frames.
     *
     * @param parameters of the family that are not the model's own defaults
     */
    void compare(
            GeneratorModel model,
            Map<String, Double> parameters,
            Fixture fixture,
            JsonNode wanted,
            Findings findings) {
        var own = model.defaults();
        var all = new TreeMap<>(own.parameters());
        all.putAll(parameters);
        var settings =
                new GenerationSettings(
                        wanted.path("width").asInt(),
                        wanted.path("height").asInt(),
                        wanted.path("frames").asInt(),
                        own.fps(),
                        wanted.path("steps").asInt(),
                        wanted.path("guidance").asDouble(),
                        wanted.path("negative").asText(),
                        wanted.path("scheduler").asText(own.scheduler()),
                        all);
        RgbImage image = wanted.has("image") ? fixture.picture(wanted.path("image")) : null;
        Path folder = temporaryFolder();
        try (var generator =
                        model.load(new LoadSettings(precision, offload, List.of(), null), device);
                var conditioning =
                        generator.condition(
                                settings,
                                new PromptInput.Text(wanted.path("prompt").asText()),
                                image)) {
            Path latents = folder.resolve("latents.safetensors");
            var bytes = new ByteArrayOutputStream();
            var generation =
                    generator.generate(
                            conditioning,
                            wanted.path("seed").asLong(),
                            new LatentsFile(latents, settings.steps()),
                            GenerationListener.NONE,
                            frame -> bytes.writeBytes(frame.rgb()));
            if (generation.isEmpty()) {
                throw new IllegalStateException("a generation without a listener was cancelled");
            }
            try (var scope = TensorScope.open();
                    var file = SafetensorsFile.open(latents)) {
                findings.compare(
                        "pipeline", file.tensor("latents"), fixture.tensor(wanted.path("latents")));
                findings.compareLevels(
                        "frames",
                        bytes.toByteArray(),
                        Ops.bytes(fixture.tensor(wanted.path("pictures"))));
            }
        } finally {
            delete(folder);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("conformance");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary folder", e);
        }
    }

    private static void delete(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve("latents.safetensors"));
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
