package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationDefaults;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a first candidate would wait for, done while the experts load: libraries that a GPU loads
 * when they are first used, cuDNN's plans, kernels to be compiled, and a text encoder that comes to
 * the GPU for each prompt. Runs on the thread that will condition and decode, for plans are kept
 * per thread.
 */
record WarmUp(Texts texts, Vae vae, TorchDevice device, LoadSettings settings) {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** The first frame has shapes of its own, the next ones have those of all others. */
    private static final int FRAMES = 5;

    private static final int LATENT_FRAMES = 2;

    /** Whatever goes wrong here goes wrong again where it matters, and is named there. */
    void run(GenerationDefaults defaults) {
        long begin = System.nanoTime();
        // One after the other, as in a candidate: both at a time do not fit beside the experts.
        tried(() -> autoencoder(defaults.width(), defaults.height()));
        if (!settings.offload().keepsExperts()) {
            tried(texts::comeEarly);
        }
        LOG.info("warmed up in {} ms", (System.nanoTime() - begin) / 1_000_000);
    }

    /**
     * One block of an evaluation of the default size. Only where experts stay on the GPU: elsewhere
     * there may be no room for it yet. The text encoder comes after it: a block beside encoder and
     * experts needs more memory than any part of a candidate.
     */
    void step(WanTransformer expert, WanSnapshot snapshot) {
        if (!settings.offload().keepsExperts()) {
            return;
        }
        long begin = System.nanoTime();
        tried(() -> block(expert, snapshot));
        tried(texts::comeEarly);
        LOG.info("warmed up a step in {} ms", (System.nanoTime() - begin) / 1_000_000);
    }

    private void block(WanTransformer expert, WanSnapshot snapshot) {
        var defaults = snapshot.defaults();
        var config = expert.config();
        int factor = vae.config().spatialFactor();
        Tensor latents =
                Ops.zeros(
                        device,
                        settings.precision().dtype(),
                        1,
                        config.inChannels(),
                        (defaults.frames() - 1) / vae.config().temporalFactor() + 1,
                        defaults.height() / factor,
                        defaults.width() / factor);
        Tensor row = Ops.zeros(device, settings.precision().dtype(), 1, config.textDim());
        row.retainReference();
        // As many rows as of a prompt, all but one for padding.
        try (var text = new TextContext(row, WanSnapshot.TEXT_ROWS - 1);
                var prompt = expert.prompt(text)) {
            expert.warmUp(latents, snapshot.givenFirstFrame() ? 1 : 0, prompt);
        }
    }

    private void tried(Runnable part) {
        try {
            TensorScope.run(part);
            device.synchronize();
        } catch (RuntimeException e) {
            LOG.info("the GPU was not warmed up: {}", String.valueOf(e.getMessage()).strip());
        } finally {
            device.emptyCache();
        }
    }

    private void autoencoder(int width, int height) {
        Tensor video = Ops.zeros(TorchDevice.cpu(), DType.FLOAT32, FRAMES, 3, height, width);
        vae.encode(video, settings.tiling());
        int factor = vae.config().spatialFactor();
        Tensor latents =
                Ops.zeros(
                        device,
                        DType.FLOAT32,
                        LATENT_FRAMES,
                        vae.config().latentChannels(),
                        height / factor,
                        width / factor);
        vae.decode(latents, settings.tiling(), chunk -> {});
    }
}
