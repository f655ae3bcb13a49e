package dev.reelrank.bench.generator;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a GPU, with its kernels, makes the video that the CPU makes: a tiny model with equal
 * weights and the same seed, in bfloat16 against float32.
 *
 * @param gpu mean difference of the GPU's frames, grey levels
 * @param cpu the same of the CPU's frames in bfloat16: what rounding alone does
 */
record Agreement(double gpu, double cpu) {
    private static final PromptInput PROMPT = new PromptInput.Text("a small robot");
    private static final int STEPS = 2;

    /** Makes the three videos. */
    static Agreement measure(
            GeneratorModel model,
            int width,
            int height,
            int frames,
            @Nullable RgbImage image,
            TorchDevice device) {
        var own = model.defaults();
        var settings =
                new GenerationSettings(
                        width,
                        height,
                        frames,
                        own.fps(),
                        STEPS,
                        1,
                        "",
                        own.scheduler(),
                        own.parameters());
        var exact = video(model, settings, image, Precision.FP32, TorchDevice.cpu());
        return new Agreement(
                difference(exact, video(model, settings, image, Precision.BF16, device)),
                difference(
                        exact, video(model, settings, image, Precision.BF16, TorchDevice.cpu())));
    }

    private static List<RgbImage> video(
            GeneratorModel model,
            GenerationSettings settings,
            @Nullable RgbImage image,
            Precision precision,
            TorchDevice device) {
        var load = new LoadSettings(precision, Offload.NONE, List.of(), null);
        try (var generator = model.load(load, device);
                var sample = generator.condition(settings, PROMPT, image)) {
            return generator.generate(sample, 1, GenerationListener.NONE).orElseThrow().frames();
        }
    }

    private static double difference(List<RgbImage> some, List<RgbImage> others) {
        long sum = 0;
        long count = 0;
        for (int i = 0; i < some.size(); i++) {
            byte[] a = some.get(i).rgb();
            byte[] b = others.get(i).rgb();
            for (int k = 0; k < a.length; k++) {
                sum += Math.abs((a[k] & 0xff) - (b[k] & 0xff));
            }
            count += a.length;
        }
        return (double) sum / count;
    }
}
