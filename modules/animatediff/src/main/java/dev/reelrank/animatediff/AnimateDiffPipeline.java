package dev.reelrank.animatediff;

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
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GeneratorUse.AppliedLora;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.DType;
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

/** A loaded AnimateDiff. */
public final class AnimateDiffPipeline implements Generator {
    private static final Logger LOG = LoggerFactory.getLogger(AnimateDiffPipeline.class);

    /** Of the preview of a draft. */
    private static final int PREVIEW_FRAMES = 4;

    private final AnimateDiffModel model;
    private final LoadSettings settings;
    private final TorchDevice device;
    private final ClipTexts texts;
    private final PictureVae vae;
    private final LoadedUnet unet;
    private final List<AppliedLora> loras;

    private AnimateDiffPipeline(
            AnimateDiffModel model,
            LoadSettings settings,
            TorchDevice device,
            ClipTexts texts,
            PictureVae vae,
            LoadedUnet unet,
            List<AppliedLora> loras) {
        this.model = model;
        this.settings = settings;
        this.device = device;
        this.texts = texts;
        this.vae = vae;
        this.unet = unet;
        this.loras = List.copyOf(loras);
    }

    /** Loads everything; see {@link dev.reelrank.diffusion.GeneratorModel#load}. */
    static AnimateDiffPipeline load(
            AnimateDiffModel model, LoadSettings settings, TorchDevice device) {
        long begin = System.nanoTime();
        if (settings.precision().float8Rows()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "precision %s is not for AnimateDiff: use fp32, bf16, bf16-weights or fp8-weights"
                            .formatted(settings.precision().id()));
        }
        if (device.isCuda()) {
            device.makeCurrent();
            AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        }
        boolean visiting = device.isCuda() && settings.offload() != Offload.NONE;
        DType dtype = settings.precision().dtype();
        var parts = model.parts();
        var merging = new UnetLoras(parts);
        var applied = new ArrayList<AppliedLora>();
        var opened = new ArrayList<AutoCloseable>();
        try {
            ClipTexts texts;
            try (var source =
                    merging.merged(UnetLoraNames.TEXT, parts.openText(), settings.loras())) {
                applied.addAll(source.applied(UnetLoraNames.TEXT));
                texts = model.texts(source, device, dtype, visiting);
            }
            opened.add(texts);
            PictureVae vae;
            try (var source = parts.openVae()) {
                vae = new PictureVae(parts.vae(), source, device, dtype);
            }
            opened.add(vae);
            LoadedUnet unet;
            try (var source =
                    merging.merged(UnetLoraNames.UNET, parts.openUnet(), settings.loras())) {
                applied.addAll(source.applied(UnetLoraNames.UNET));
                unet = new LoadedUnet(parts.unet(), source, settings, device);
            }
            applied.forEach(
                    lora ->
                            LOG.info(
                                    "LoRA {} at {} changes {} tensors of {}",
                                    lora.name(),
                                    lora.strength(),
                                    lora.layers(),
                                    lora.part()));
            LOG.info(
                    "loaded {} on {} in {}, offload {}, in {} ms: {}",
                    model.folder(),
                    device,
                    settings.precision().id(),
                    settings.offload().id(),
                    (System.nanoTime() - begin) / 1_000_000,
                    MemoryReport.of(device));
            return new AnimateDiffPipeline(model, settings, device, texts, vae, unet, applied);
        } catch (RuntimeException e) {
            for (var part : opened) {
                try {
                    part.close();
                } catch (Exception closing) {
                    e.addSuppressed(closing);
                }
            }
            throw e;
        }
    }

    @Override
    public AnimateDiffModel model() {
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
            GenerationSettings wanted, PromptInput prompt, @Nullable RgbImage image) {
        RequestRules.checkPrompt(prompt);
        model.options().check(wanted);
        model.options().checkImage(image != null);
        int skip = (int) wanted.parameter(AnimateDiffModel.CLIP_SKIP);
        TextContext positive = encode(prompt, skip);
        try {
            // As diffusers does it, the negative prompt passes every block.
            var negative = wanted.guidance() > 1 ? texts.encode(wanted.negativePrompt(), 0) : null;
            RequestRules.checkNegativePrompt(wanted, negative != null);
            return new ClipConditioning(wanted, positive, negative);
        } catch (RuntimeException e) {
            positive.close();
            throw e;
        }
    }

    private TextContext encode(PromptInput prompt, int skip) {
        if (prompt instanceof PromptInput.Embeds embeds) {
            var text = model.parts().text();
            return Texts.read(embeds.file(), "prompt_embeds", text.dim(), text.length());
        }
        return texts.encode(((PromptInput.Text) prompt).text(), skip);
    }

    @Override
    public Optional<Generation> generate(
            Conditioning conditioning,
            long seed,
            @Nullable LatentsFile latentsOut,
            GenerationListener listener,
            Consumer<RgbImage> frames) {
        return made(
                sample(conditioning),
                false,
                loop -> loop.run(seed, listener, latentsOut),
                (loop, latents) -> decode(latents, frames));
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
                sample(conditioning),
                false,
                loop -> loop.draft(seed, from, after, to, listener),
                (loop, latents) -> preview(loop.clean(), preview));
    }

    @Override
    public Optional<Generation> resume(
            Conditioning conditioning,
            long seed,
            PausedFile paused,
            GenerationListener listener,
            Consumer<RgbImage> frames) {
        return made(
                sample(conditioning),
                false,
                loop -> loop.resume(seed, paused, listener),
                (loop, latents) -> decode(latents, frames));
    }

    /**
     * {@inheritDoc}
     *
     * <p>A single frame is made again as a picture: Stable Diffusion without its motion modules.
     */
    @Override
    public Optional<GeneratedVideo> again(
            Conditioning conditioning,
            List<RgbImage> given,
            double strength,
            long seed,
            GenerationListener listener) {
        var sample = sample(conditioning);
        var wanted = sample.settings();
        RequestRules.checkGiven(given, wanted);
        var frames = new ArrayList<RgbImage>();
        return made(
                        sample,
                        given.size() == 1,
                        loop ->
                                loop.again(
                                        latents(given, wanted.width(), wanted.height()),
                                        strength,
                                        seed,
                                        listener),
                        (loop, latents) -> decode(latents, frames::add))
                .map(generation -> new GeneratedVideo(frames, generation));
    }

    private static ClipConditioning sample(Conditioning conditioning) {
        if (conditioning instanceof ClipConditioning sample) {
            return sample;
        }
        throw new IllegalArgumentException("the conditioning of another family's generator");
    }

    /** Denoises, then shows what has come of it. */
    private Optional<Generation> made(
            ClipConditioning sample,
            boolean still,
            Function<DenoisingLoop, @Nullable Tensor> denoise,
            BiConsumer<DenoisingLoop, Tensor> show) {
        var wanted = sample.settings();
        int factor = model.parts().vae().factor();
        long[] shape = {
            1,
            model.parts().vae().latentChannels(),
            wanted.frames(),
            wanted.height() / factor,
            wanted.width() / factor
        };
        try (var scope = TensorScope.open();
                var loop =
                        new DenoisingLoop(
                                model.scheduler(wanted.steps()),
                                device,
                                shape,
                                new UnetSteps(unet, sample, still))) {
            var made = TimedGeneration.of(loop, device, denoise, unet::leave, show);
            made.ifPresent(g -> LOG.info("{} ms, memory {}", g.timings(), g.memory()));
            return made;
        }
    }

    private Tensor latents(List<RgbImage> frames, int width, int height) {
        return TensorScope.compute(
                () -> {
                    Tensor[] all =
                            frames.stream()
                                    .map(frame -> LanczosResize.resize(frame, width, height))
                                    .map(Frames::toTensor)
                                    .toArray(Tensor[]::new);
                    return vae.toLatents(Ops.cat(0, all), settings.tiling());
                });
    }

    /** Frames spread over the clip. */
    private void preview(Tensor clean, Consumer<RgbImage> frames) {
        long last = clean.size(2) - 1;
        int shown = (int) Math.min(PREVIEW_FRAMES, last + 1);
        for (int k = 0; k < shown; k++) {
            long at = shown == 1 ? 0 : Math.round((double) k * last / (shown - 1));
            TensorScope.run(() -> decode(clean.narrow(2, at, 1), frames));
        }
    }

    @Override
    public List<RgbImage> reconstruct(List<RgbImage> frames) {
        try (var scope = TensorScope.open()) {
            var rebuilt = new ArrayList<RgbImage>();
            var first = frames.get(0);
            decode(latents(frames, first.width(), first.height()), rebuilt::add);
            return rebuilt;
        }
    }

    private void decode(Tensor latents, Consumer<RgbImage> frames) {
        try (var delivery = new FrameDelivery(device, frames)) {
            vae.fromLatents(latents, settings.tiling(), delivery::accept);
            delivery.finish();
        }
    }

    @Override
    public void close() {
        unet.close();
        vae.close();
        texts.close();
        device.emptyCache();
    }
}
