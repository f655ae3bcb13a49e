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
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.RequestRules;
import dev.reelrank.diffusion.image.FrameDelivery;
import dev.reelrank.diffusion.image.Frames;
import dev.reelrank.diffusion.image.LanczosResize;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.text.Texts;
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
import java.util.function.Supplier;
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

    private final WanSnapshot snapshot;
    private final LoadSettings settings;
    private final TorchDevice device;
    private final Texts texts;
    private final Vae vae;
    private final Experts experts;
    private final Conditions conditions;

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
        conditions = new Conditions(snapshot, settings, device, texts, vae);
    }

    /**
     * Loads everything.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming file and tensor, INVALID_CONFIG
     *     when the device cannot compute in this precision
     */
    public static WanPipeline load(
            WanSnapshot snapshot, LoadSettings settings, TorchDevice device) {
        // Where memory is short, a second expert in the making takes some that a step needs.
        return load(
                snapshot, settings, device, device.isCuda() && settings.offload().keepsExperts());
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
        if (settings.precision().float8Rows()) {
            device.requireFloat8Matmul();
        }
        if (settings.precision() == Precision.FP8_ATTENTION) {
            device.requireFloat8Attention();
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
            var warmUp = new WarmUp(texts, vae, device, settings);
            if (device.isCuda()) {
                warmUp.run(snapshot.defaults());
            }
            var first = experts.awaitFirst();
            if (device.isCuda()) {
                warmUp.step(first, snapshot);
            }
            if (!early) {
                experts.awaitAll();
                device.emptyCache();
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
        experts.requireNoneFailed();
        return conditions.of(asked, prompt, image);
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
            Tensor latents = cleared(() -> denoise.apply(denoising));
            if (latents == null) {
                return Optional.empty();
            }
            device.synchronize();
            long denoised = System.nanoTime();
            memory.put("denoise", MemoryReport.of(device));
            device.emptyLargeCache();
            MemoryReport.resetPeak(device);
            leaveExperts();
            show.accept(denoising, latents);
            var timings = new LinkedHashMap<String, Long>();
            timings.put("denoise", (denoised - begin) / 1_000_000);
            timings.put("decode", (System.nanoTime() - denoised) / 1_000_000);
            memory.put("decode", MemoryReport.of(device));
            device.emptyLargeCache();
            LOG.info("seed {}: {} ms, memory {}", seed, timings, memory);
            return Optional.of(
                    new Generation(denoising.timesteps(), denoising.facts(), timings, memory));
        }
    }

    /**
     * Denoises; where that was cancelled or failed, weights that only visit leave: the next
     * candidate's texts find the room that they need.
     */
    private @Nullable Tensor cleared(Supplier<@Nullable Tensor> denoise) {
        Tensor latents;
        try {
            latents = denoise.get();
        } catch (RuntimeException e) {
            try {
                leaveExperts();
            } catch (RuntimeException leaving) {
                e.addSuppressed(leaving);
            }
            throw e;
        }
        if (latents == null) {
            leaveExperts();
        }
        return latents;
    }

    private void leaveExperts() {
        if (!settings.offload().keepsExperts()) {
            experts.leave();
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
                Tensor latents = cleared(() -> denoising.again(clean, strength, seed, listener));
                if (latents == null) {
                    return Optional.empty();
                }
                leaveExperts();
                var made = new ArrayList<RgbImage>();
                decode(latents, made::add);
                device.emptyLargeCache();
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
