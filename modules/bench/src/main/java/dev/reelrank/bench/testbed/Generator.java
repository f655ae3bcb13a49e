package dev.reelrank.bench.testbed;

import dev.reelrank.diffusion.GenerationDefaults;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.WanPipeline;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The generator with a model's own defaults, loaded once. */
public final class Generator implements AutoCloseable {
    private final WanPipeline pipeline;
    private final GenerationSettings settings;

    private Generator(WanPipeline pipeline, GenerationSettings settings) {
        this.pipeline = pipeline;
        this.settings = settings;
    }

    /**
     * Loads the weights.
     *
     * @param root the models folder with {@code wan} and the LoRAs
     * @param steps 0 for the model's default
     * @param lightning whether the Lightning LoRAs are merged beside the model's own
     */
    static Generator load(Path root, Device device, int steps, boolean lightning) {
        return load(
                root,
                device,
                steps,
                lightning ? List.of(new LoraSpec(root.resolve("lightning"), 1)) : List.of());
    }

    /**
     * Loads the weights.
     *
     * @param root the models folder with {@code wan}
     * @param steps 0 for the model's default
     * @param beside LoRAs that are merged beside the model's own
     */
    static Generator load(Path root, Device device, int steps, List<LoraSpec> beside) {
        return load(root, device, steps, beside, Precision.parse("auto", device));
    }

    /**
     * Loads the weights.
     *
     * @param root the models folder with {@code wan}
     * @param steps 0 for the model's default
     * @param beside LoRAs that are merged beside the model's own
     */
    public static Generator load(
            Path root, Device device, int steps, List<LoraSpec> beside, Precision precision) {
        WanSnapshot snapshot = WanSnapshot.open(root.resolve("wan"));
        GenerationDefaults defaults = snapshot.defaults();
        List<LoraSpec> loras = new ArrayList<>();
        for (GenerationDefaults.Lora lora : defaults.loras()) {
            loras.add(new LoraSpec(root.resolve(lora.name()), lora.strength()));
        }
        loras.addAll(beside);
        GenerationSettings settings =
                new GenerationSettings(
                        defaults.width(),
                        defaults.height(),
                        defaults.frames(),
                        defaults.fps(),
                        steps == 0 ? defaults.steps() : steps,
                        defaults.guidance(),
                        "",
                        defaults.scheduler(),
                        defaults.parameters());
        LoadSettings load = new LoadSettings(precision, Offload.NONE, loras, null);
        return new Generator(WanPipeline.load(snapshot, load, TorchDevice.of(device)), settings);
    }

    /** Frames of a clip. */
    public int frames() {
        return settings.frames();
    }

    /** One clip per seed. */
    public List<List<RgbImage>> generate(String prompt, RgbImage image, List<Long> seeds) {
        List<List<RgbImage>> clips = new ArrayList<>();
        try (var conditioning = pipeline.condition(settings, prompt, image)) {
            for (long seed : seeds) {
                clips.add(
                        pipeline.generate(conditioning, seed, GenerationListener.NONE)
                                .orElseThrow()
                                .frames());
            }
        }
        return clips;
    }

    /** A clip through the VAE and back. */
    List<RgbImage> reconstruct(List<RgbImage> clip) {
        return pipeline.reconstruct(clip);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
