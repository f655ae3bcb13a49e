package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.DenoisingLoop;
import dev.reelrank.diffusion.GeneratedVideo;
import dev.reelrank.diffusion.Generation;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Generator;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.RequestRules;
import dev.reelrank.diffusion.TimedGeneration;
import dev.reelrank.diffusion.image.FrameDelivery;
import dev.reelrank.diffusion.image.Frames;
import dev.reelrank.diffusion.image.LanczosResize;
import dev.reelrank.diffusion.offload.NetworkVisits;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GeneratorUse.AppliedLora;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loaded CogVideoX. */
final class CogPipeline implements Generator {
    private static final Logger LOG = LoggerFactory.getLogger(CogPipeline.class);

    /** Of a draft: the cost of a step grows with the clip, that of these does not. */
    private static final int PREVIEW_FRAMES = 4;

    private final CogModel model;
    private final LoadSettings settings;
    private final TorchDevice device;
    private final Texts texts;
    private final CogVae vae;
    private final CogTransformer transformer;
    private final NetworkVisits visits;
    private final List<AppliedLora> loras;

    private CogPipeline(
            CogModel model,
            LoadSettings settings,
            TorchDevice device,
            Texts texts,
            CogVae vae,
            CogTransformer transformer,
            List<AppliedLora> loras) {
        this.model = model;
        this.settings = settings;
        this.device = device;
        this.texts = texts;
        this.vae = vae;
        this.transformer = transformer;
        this.loras = List.copyOf(loras);
        this.visits =
                new NetworkVisits(
                        device,
                        settings.offload(),
                        transformer.parameters(),
                        transformer.blockWeights());
    }

    /**
     * Loads everything.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming file and tensor, INVALID_CONFIG
     *     when the device cannot compute in this precision
     */
    static CogPipeline load(CogModel model, LoadSettings settings, TorchDevice device) {
        long begin = System.nanoTime();
        if (device.isCuda()) {
            device.makeCurrent();
            AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        }
        if (settings.precision().float8Rows()) {
            device.requireFloat8Matmul();
        }
        var opened = new ArrayList<Runnable>();
        try {
            var dtype = settings.precision().dtype();
            var texts = model.texts(device, dtype, settings.offload());
            opened.add(texts::close);
            var vae = model.vae(device, dtype);
            opened.add(vae::close);
            try (var source = model.merged(settings.loras())) {
                var transformer =
                        new CogTransformer(
                                model.transformer(),
                                source,
                                device,
                                NetworkVisits.home(device, settings.offload()),
                                dtype,
                                settings.precision().format(),
                                LinearAdapters.NONE);
                LOG.info(
                        "loaded {} on {} in {}, offload {}, {} LoRAs, in {} ms: {}",
                        model,
                        device,
                        settings.precision().id(),
                        settings.offload().id(),
                        settings.loras().size(),
                        (System.nanoTime() - begin) / 1_000_000,
                        MemoryReport.of(device));
                return new CogPipeline(
                        model,
                        settings,
                        device,
                        texts,
                        vae,
                        transformer,
                        source.applied(CogModel.TRANSFORMER));
            }
        } catch (RuntimeException e) {
            opened.forEach(Runnable::run);
            throw e;
        }
    }

    @Override
    public CogModel model() {
        return model;
    }

    @Override
    public LoadSettings settings() {
        return settings;
    }

    @Override
    public TorchDevice device() {
        return device;
    }

    @Override
    public List<AppliedLora> loras() {
        return loras;
    }

    @Override
    public Conditioning condition(
            GenerationSettings asked, PromptInput prompt, @Nullable RgbImage image) {
        RequestRules.checkPrompt(prompt);
        var options = model.options();
        options.check(asked);
        var wanted = model.complete(asked);
        options.checkImage(image != null);
        var positive = encode(prompt);
        TextContext negative = null;
        try {
            boolean guided = wanted.guidance() > 1;
            RequestRules.checkNegativePrompt(wanted, guided);
            negative = guided ? texts.encode(wanted.negativePrompt()) : null;
            return new CogConditioning(
                    wanted, positive, negative, image == null ? null : moments(wanted, image));
        } catch (RuntimeException e) {
            positive.close();
            if (negative != null) {
                negative.close();
            }
            throw e;
        }
    }

    private TextContext encode(PromptInput prompt) {
        if (prompt instanceof PromptInput.Embeds embeds) {
            int rows = model.transformer().textRows();
            var read =
                    Texts.read(embeds.file(), "prompt_embeds", model.transformer().textDim(), rows);
            if (read.padding() > 0) {
                long few = read.rows().size(0);
                read.close();
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s has %d rows; %s attends to its padding too, so it takes %d"
                                .formatted(embeds.file(), few, model, rows));
            }
            return read;
        }
        return texts.encode(((PromptInput.Text) prompt).text());
    }

    private CogVae.Moments moments(GenerationSettings wanted, RgbImage image) {
        try (var scope = TensorScope.open()) {
            Tensor first =
                    Frames.toTensor(LanczosResize.resize(image, wanted.width(), wanted.height()));
            var moments = vae.encode(first, settings.tiling());
            if (!Ops.isFinite(moments.mean()) || !Ops.isFinite(moments.deviation())) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the VAE's encoder made latents of the image that are not finite (NaN or infinite): try --precision fp32");
            }
            return moments.kept();
        } finally {
            device.emptyCache();
        }
    }

    @Override
    public Optional<Generation> generate(
            Conditioning conditioning,
            long seed,
            @Nullable LatentsFile latentsOut,
            GenerationListener listener,
            Consumer<RgbImage> frames) {
        return made(
                conditioning,
                seed,
                loop -> loop.run(seed, listener, latentsOut),
                (loop, latents) -> decode(latents, conditioning, frames));
    }

    @Override
    public Optional<Generation> draft(
            Conditioning conditioning,
            long seed,
            @Nullable PausedFile from,
            int after,
            PausedFile to,
            GenerationListener listener,
            Consumer<RgbImage> preview) {
        return made(
                conditioning,
                seed,
                loop -> loop.draft(seed, from, after, to, listener),
                (loop, latents) -> preview(loop.clean(), conditioning, preview));
    }

    @Override
    public Optional<Generation> resume(
            Conditioning conditioning,
            long seed,
            PausedFile paused,
            GenerationListener listener,
            Consumer<RgbImage> frames) {
        return made(
                conditioning,
                seed,
                loop -> loop.resume(seed, paused, listener),
                (loop, latents) -> decode(latents, conditioning, frames));
    }

    @Override
    public Optional<GeneratedVideo> again(
            Conditioning conditioning,
            List<RgbImage> given,
            double strength,
            long seed,
            GenerationListener listener) {
        var wanted = conditioning.settings();
        RequestRules.checkGiven(given, wanted);
        var frames = new ArrayList<RgbImage>();
        return made(
                        conditioning,
                        seed,
                        loop -> loop.again(latents(given, wanted), strength, seed, listener),
                        (loop, latents) -> decode(latents, conditioning, frames::add))
                .map(generation -> new GeneratedVideo(frames, generation));
    }

    private Tensor latents(List<RgbImage> frames, GenerationSettings wanted) {
        return TensorScope.compute(
                () -> {
                    Tensor[] all =
                            frames.stream()
                                    .map(
                                            f ->
                                                    LanczosResize.resize(
                                                            f, wanted.width(), wanted.height()))
                                    .map(Frames::toTensor)
                                    .toArray(Tensor[]::new);
                    Tensor mean = vae.encode(Ops.cat(0, all), settings.tiling()).mean();
                    return model.shape().scaled(mean, wanted.frames()).transpose(1, 2).contiguous();
                });
    }

    /** Denoises, then shows what has come of it. */
    private Optional<Generation> made(
            Conditioning conditioning,
            long seed,
            Function<DenoisingLoop, @Nullable Tensor> denoise,
            BiConsumer<DenoisingLoop, Tensor> show) {
        if (!(conditioning instanceof CogConditioning sample)) {
            throw new IllegalArgumentException("the conditioning of another family's generator");
        }
        try (var scope = TensorScope.open();
                var denoising =
                        new CogDenoising(model, transformer, visits, device, sample, seed)) {
            var made = TimedGeneration.of(denoising.loop(), device, denoise, visits::leave, show);
            made.ifPresent(
                    g -> LOG.info("seed {}: {} ms, memory {}", seed, g.timings(), g.memory()));
            return made;
        }
    }

    /**
     * @param latents as the denoising loop gives them
     */
    private void decode(Tensor latents, Conditioning sample, Consumer<RgbImage> frames) {
        int count = sample.settings().frames();
        TensorScope.run(
                () -> decode(model.shape().unscaled(latents.transpose(1, 2), count), frames));
    }

    /** Latent frames spread over the clip, each decoded by itself: the first may be given. */
    private void preview(Tensor clean, Conditioning sample, Consumer<RgbImage> frames) {
        TensorScope.run(
                () -> {
                    Tensor latents =
                            model.shape()
                                    .unscaled(clean.transpose(1, 2), sample.settings().frames());
                    long last = latents.size(0) - 1;
                    int shown = (int) Math.max(1, Math.min(PREVIEW_FRAMES, last));
                    for (int k = 1; k <= shown; k++) {
                        long at = Math.round((double) k * last / shown);
                        decode(latents.narrow(0, at, 1), frames);
                    }
                });
    }

    private void decode(Tensor latents, Consumer<RgbImage> frames) {
        try (var delivery = new FrameDelivery(device, frames)) {
            vae.decode(latents, settings.tiling(), delivery::accept);
            delivery.finish();
        }
    }

    @Override
    public List<RgbImage> reconstruct(List<RgbImage> frames) {
        try (var scope = TensorScope.open()) {
            Tensor[] all = frames.stream().map(Frames::toTensor).toArray(Tensor[]::new);
            var rebuilt = new ArrayList<RgbImage>();
            decode(vae.encode(Ops.cat(0, all), settings.tiling()).mean(), rebuilt::add);
            return rebuilt;
        }
    }

    @Override
    public void close() {
        visits.close();
        transformer.close();
        vae.close();
        texts.close();
        device.emptyCache();
    }
}
