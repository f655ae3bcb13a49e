package dev.reelrank.wan;

import dev.reelrank.diffusion.Conditioning;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded Wan2.2.
 *
 * <pre>{@code
 * var snapshot = WanSnapshot.open(folder);
 * try (var pipeline = WanPipeline.load(snapshot, loadSettings, device);
 *         var conditioning = pipeline.condition(settings, prompt, image)) {
 *     for (long seed : seeds) {                  // texts, image and weights are shared
 *         var video = pipeline.generate(conditioning, seed, listener).orElseThrow();
 *     }
 * }
 * }</pre>
 */
public final class WanPipeline implements Generator {
    private static final Logger LOG = LoggerFactory.getLogger(WanPipeline.class);

    /**
     * Of the preview of a draft: the cost of a step grows with the clip, that of these does not.
     */
    private static final int PREVIEW_FRAMES = 4;

    /** Less than this share of a GPU's memory is not worth the wait. */
    private static final int LITTLE = 16;

    private final WanSnapshot snapshot;
    private final LoadSettings settings;
    private final TorchDevice device;
    private final Texts texts;
    private final Vae vae;
    private final Experts experts;
    private boolean warnedUnusedNegative;

    private WanPipeline(
            WanSnapshot snapshot,
            LoadSettings settings,
            TorchDevice device,
            Texts texts,
            Vae vae,
            Experts experts) {
        this.snapshot = snapshot;
        this.settings = settings;
        this.device = device;
        this.texts = texts;
        this.vae = vae;
        this.experts = experts;
    }

    /**
     * Loads everything.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming file and tensor, INVALID_CONFIG
     *     when the device cannot compute in this precision
     */
    public static WanPipeline load(
            WanSnapshot snapshot, LoadSettings settings, TorchDevice device) {
        return load(snapshot, settings, device, device.isCuda());
    }

    /**
     * The same, and says when it is ready.
     *
     * @param early as soon as the first steps can be made: the second expert goes on loading while
     *     the first one works. What is wrong with its files fails the candidate that is made, and
     *     {@link #failedToLoad} tells.
     */
    static WanPipeline load(
            WanSnapshot snapshot, LoadSettings settings, TorchDevice device, boolean early) {
        long begin = System.nanoTime();
        if (device.isCuda()) {
            device.makeCurrent();
            AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        }
        if (settings.precision().float8Rows() && device.isCuda() && !device.hasFloat8Matmul()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "float8 products need a GPU of compute capability 8.9 or later, which "
                            + device
                            + " is not: use --precision fp8-weights or bf16");
        }
        boolean visiting = device.isCuda() && settings.offload() != Offload.NONE;
        DType dtype = settings.precision().dtype();
        var opened = new ArrayList<AutoCloseable>();
        try {
            var texts = snapshot.texts(device, dtype, visiting);
            opened.add(texts);
            Vae vae;
            try (var source = snapshot.part("vae")) {
                vae = new Vae(snapshot.vae(), source, device, dtype);
            }
            opened.add(vae);
            device.synchronize();
            var experts = Experts.load(snapshot, settings, device);
            opened.add(experts);
            if (device.isCuda()) {
                new WarmUp(texts, vae, device, settings).run(snapshot.defaults());
            }
            experts.awaitFirst();
            if (!early) {
                experts.awaitAll();
            }
            if (snapshot.distilled() && !settings.loras().isEmpty()) {
                LOG.warn(
                        "the weights of {} are distilled for few steps; most LoRAs were trained for weights that are not",
                        snapshot.folder());
            }
            LOG.info(
                    "loaded {} on {} in {}, offload {}, in {} ms: {}",
                    snapshot.folder(),
                    device,
                    settings.precision().id(),
                    settings.offload().id(),
                    (System.nanoTime() - begin) / 1_000_000,
                    MemoryReport.of(device));
            return new WanPipeline(snapshot, settings, device, texts, vae, experts);
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
    public WanSnapshot model() {
        return snapshot;
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
        return experts.loras();
    }

    /** Encodes texts and image; see {@link Generator#condition}. */
    public Conditioning condition(
            GenerationSettings wanted, String prompt, @Nullable RgbImage image) {
        return condition(wanted, new PromptInput.Text(prompt), image);
    }

    @Override
    public Conditioning condition(
            GenerationSettings asked, PromptInput prompt, @Nullable RgbImage image) {
        RequestRules.checkPrompt(prompt);
        experts.requireNoneFailed();
        var options = snapshot.options();
        options.check(asked);
        var wanted = snapshot.complete(asked);
        options.checkImage(image != null);
        long begin = System.nanoTime();
        boolean guided = guided(wanted);
        if (!warnedUnusedNegative) {
            RequestRules.checkNegativePrompt(wanted, guided);
            warnedUnusedNegative = !guided && !wanted.negativePrompt().isBlank();
        }
        var encodedTexts = encode(prompt, guided ? wanted.negativePrompt() : null);
        TextContext positive = encodedTexts.get(0);
        TextContext negative = guided ? encodedTexts.get(1) : null;
        try {
            long told = System.nanoTime();
            Tensor encoded = image == null ? null : encodeImage(wanted, image);
            var timings = new LinkedHashMap<String, Long>();
            timings.put("text", (told - begin) / 1_000_000);
            if (encoded != null) {
                timings.put("image", (System.nanoTime() - told) / 1_000_000);
            }
            return new WanConditioning(
                    wanted, positive, negative, encoded, snapshot.givenFirstFrame(), timings);
        } catch (RuntimeException e) {
            positive.close();
            if (negative != null) {
                negative.close();
            }
            throw e;
        }
    }

    /** The prompt's, then the negative prompt's, if there is one. */
    private List<TextContext> encode(PromptInput prompt, @Nullable String negative) {
        var words = new ArrayList<String>();
        if (prompt instanceof PromptInput.Text text) {
            words.add(text.text());
        }
        if (negative != null) {
            words.add(negative);
        }
        var encoded = new ArrayList<>(texts.encode(words));
        if (prompt instanceof PromptInput.Embeds embeds) {
            try {
                encoded.add(
                        0,
                        Texts.read(
                                embeds.file(),
                                "prompt_embeds",
                                snapshot.transformer().textDim(),
                                WanSnapshot.TEXT_ROWS));
            } catch (RuntimeException e) {
                encoded.forEach(TextContext::close);
                throw e;
            }
        }
        return encoded;
    }

    /** Whether a negative prompt has an effect. */
    private boolean guided(GenerationSettings wanted) {
        return wanted.guidance() > 1
                || (snapshot.twoExperts() && wanted.parameter(WanSnapshot.GUIDANCE_LOW) > 1);
    }

    private Tensor encodeImage(GenerationSettings wanted, RgbImage image) {
        try (var scope = TensorScope.open()) {
            Tensor encoded =
                    snapshot.givenFirstFrame()
                            ? ImageCondition.first(
                                    vae, image, wanted.width(), wanted.height(), settings.tiling())
                            : ImageCondition.encode(
                                    vae,
                                    snapshot.vae().temporalFactor(),
                                    image,
                                    wanted.frames(),
                                    wanted.width(),
                                    wanted.height(),
                                    settings.tiling());
            encoded.retainReference();
            return encoded;
        } finally {
            giveBack();
        }
    }

    /**
     * Releases cached memory between parts: what one of them caches does not fit the next. Little
     * memory is kept, because giving it back waits for the whole GPU.
     */
    private void giveBack() {
        if (device.isCuda()) {
            var memory = MemoryReport.of(device);
            if (memory.reserved() - memory.allocated() > device.totalMemory() / LITTLE) {
                device.emptyCache();
            }
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
                denoising -> denoising.run(seed, listener, latentsOut),
                (denoising, latents) -> decode(latents, frames));
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
                denoising -> denoising.draft(seed, from, after, to, listener),
                (denoising, latents) -> preview(denoising.clean(), preview));
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
                denoising -> denoising.resume(seed, paused, listener),
                (denoising, latents) -> decode(latents, frames));
    }

    /** Denoises, then shows what has come of it. */
    private Optional<Generation> made(
            Conditioning conditioning,
            long seed,
            Function<Denoising, @Nullable Tensor> denoise,
            BiConsumer<Denoising, Tensor> show) {
        if (!(conditioning instanceof WanConditioning sample)) {
            throw new IllegalArgumentException("the conditioning of another family's generator");
        }
        experts.requireNoneFailed();
        try (var scope = TensorScope.open();
                var denoising =
                        new Denoising(
                                experts,
                                device,
                                snapshot.vae(),
                                sample,
                                snapshot.schedulers(),
                                settings.precision())) {
            long begin = System.nanoTime();
            var memory = new LinkedHashMap<String, MemoryReport>();
            MemoryReport.resetPeak(device);
            Tensor latents = denoise.apply(denoising);
            if (latents == null) {
                return Optional.empty();
            }
            device.synchronize();
            long denoised = System.nanoTime();
            memory.put("denoise", MemoryReport.of(device));
            giveBack();
            MemoryReport.resetPeak(device);
            if (!settings.offload().keepsExperts()) {
                experts.leave();
            }
            show.accept(denoising, latents);
            var timings = new LinkedHashMap<String, Long>();
            timings.put("denoise", (denoised - begin) / 1_000_000);
            timings.put("decode", (System.nanoTime() - denoised) / 1_000_000);
            memory.put("decode", MemoryReport.of(device));
            giveBack();
            LOG.info("seed {}: {} ms, memory {}", seed, timings, memory);
            return Optional.of(
                    new Generation(denoising.timesteps(), denoising.facts(), timings, memory));
        }
    }

    /** Latent frames spread over the clip, each decoded by itself: the first is the given image. */
    private void preview(Tensor clean, Consumer<RgbImage> frames) {
        long last = clean.size(2) - 1;
        int shown = (int) Math.max(1, Math.min(PREVIEW_FRAMES, last));
        for (int k = 1; k <= shown; k++) {
            long at = Math.round((double) k * last / shown);
            TensorScope.run(() -> decode(clean.narrow(2, at, 1), frames));
        }
    }

    @Override
    public Optional<GeneratedVideo> again(
            Conditioning conditioning,
            List<RgbImage> given,
            double strength,
            long seed,
            GenerationListener listener) {
        if (!(conditioning instanceof WanConditioning sample)) {
            throw new IllegalArgumentException("the conditioning of another family's generator");
        }
        var wanted = sample.settings();
        RequestRules.checkGiven(given, wanted);
        try (var scope = TensorScope.open()) {
            long begin = System.nanoTime();
            Tensor[] all =
                    given.stream()
                            .map(f -> LanczosResize.resize(f, wanted.width(), wanted.height()))
                            .map(Frames::toTensor)
                            .toArray(Tensor[]::new);
            Tensor clean = vae.toLatents(Ops.cat(0, all), settings.tiling());
            try (var denoising =
                    new Denoising(
                            experts,
                            device,
                            snapshot.vae(),
                            sample,
                            snapshot.schedulers(),
                            settings.precision())) {
                Tensor latents = denoising.again(clean, strength, seed, listener);
                if (latents == null) {
                    return Optional.empty();
                }
                var made = new ArrayList<RgbImage>();
                decode(latents, made::add);
                giveBack();
                return Optional.of(
                        new GeneratedVideo(
                                made,
                                new Generation(
                                        denoising.timesteps(),
                                        denoising.facts(),
                                        Map.of("again", (System.nanoTime() - begin) / 1_000_000),
                                        Map.of())));
            }
        }
    }

    @Override
    public List<RgbImage> reconstruct(List<RgbImage> frames) {
        try (var scope = TensorScope.open()) {
            Tensor[] all = frames.stream().map(Frames::toTensor).toArray(Tensor[]::new);
            var rebuilt = new ArrayList<RgbImage>();
            vae.decode(
                    vae.encode(Ops.cat(0, all), settings.tiling()),
                    settings.tiling(),
                    chunk -> rebuilt.addAll(Frames.toImages(chunk)));
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
    public boolean failedToLoad() {
        return experts.failed();
    }

    @Override
    public void close() {
        experts.close();
        vae.close();
        texts.close();
        device.emptyCache();
    }
}
