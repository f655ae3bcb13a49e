package dev.reelrank.wan;

import dev.reelrank.diffusion.FrameRule;
import dev.reelrank.diffusion.GenerationDefaults;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.GeneratorOptions;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.ParameterRange;
import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.TrainingTraits;
import dev.reelrank.diffusion.lora.LoraFile;
import dev.reelrank.diffusion.lora.LoraMerge;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.NoiseSchedule;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model folder in the layout of diffusers ({@link DiffusersLayout}) or of ComfyUI ({@link
 * ComfyLayout}), of the family {@link WanFamily} or {@link WanTi2vFamily}.
 */
public final class WanSnapshot implements GeneratorModel, Trainable {
    /** Parameter: shift of the noise levels. */
    static final String SHIFT = "shift";

    /** Parameter: share of the noise range above which the high-noise expert works. */
    static final String BOUNDARY = "boundary";

    /** Parameter: guidance of the low-noise expert; as the other's where it is not set. */
    static final String GUIDANCE_LOW = "guidanceLow";

    /** Parameter: the noise level that rCM begins at. */
    static final String SIGMA_MAX = "sigmaMax";

    /** Parameter: the share of the key blocks that sparse-linear attention keeps. */
    static final String SPARSE_TOPK = "sparseTopk";

    /** Parameter: the share of the softmax that sparse self-attention computes; 1 for all of it. */
    static final String SPARSE_SHARE = "sparseShare";

    /** Parameter: how many of the first and of the last steps stay dense. */
    static final String SPARSE_DENSE_STEPS = "sparseDenseSteps";

    /** Parameter: how many of the first and of the last layers stay dense. */
    static final String SPARSE_DENSE_LAYERS = "sparseDenseLayers";

    /** Parameter: which kernels compute sparse attention, {@link SparseKernels}. */
    static final String SPARSE_KERNEL = "sparseKernel";

    /** Rows of text the experts see, whatever the prompt's length. */
    static final int TEXT_ROWS = 512;

    private static final double PUBLISHED_BOUNDARY = 0.9;
    private static final int TRAINING_STEPS = 1000;
    private static final int MOST_FRAMES = 1025;

    /** Queries, keys, values and outputs of both attentions, and the feed-forward layers. */
    private static final List<Pattern> LORA_TARGETS =
            List.of(Pattern.compile("blocks\\.\\d+\\.attn[12]\\.(to_[qkv]|to_out\\.0)"));

    private final Path folder;
    private final WanParts parts;
    private final Map<String, Path> files;
    private final boolean twoExperts;
    private final boolean givenFirstFrame;
    private final TransformerConfig transformer;
    private final VaeConfig vae;
    private final TextEncoderConfig text;
    private final WanSchedulers schedulers;
    private final GenerationDefaults defaults;

    private WanSnapshot(Path folder, WanLayout layout) {
        this.folder = folder;
        parts = layout.parts();
        files = layout.files();
        twoExperts = layout.twoExperts();
        givenFirstFrame = layout.givenFirstFrame();
        transformer = layout.transformer();
        vae = layout.vae();
        text = layout.text();
        schedulers = layout.schedulers();
        layout.requireFit(folder);
        defaults = GenerationDefaults.read(folder, published(layout.boundary()), options());
    }

    private GenerationDefaults published(double boundary) {
        if (givenFirstFrame) {
            return WanDefaults.ti2v(schedulers);
        }
        var ordinary = WanDefaults.published(schedulers, twoExperts, imageToVideo(), boundary);
        return distilled() ? WanDefaults.turbo(ordinary, imageToVideo(), sparseLinear()) : ordinary;
    }

    /** Whether the weights were distilled for few steps. */
    boolean distilled() {
        return transformer.distillation() != Distillation.NONE;
    }

    private boolean sparseLinear() {
        return transformer.distillation() == Distillation.SPARSE_LINEAR;
    }

    private WanSnapshot(
            String name,
            TransformerConfig transformer,
            VaeConfig vae,
            TextEncoderConfig text,
            WanParts parts) {
        this.folder = Path.of(name);
        this.parts = parts;
        this.files = Map.of();
        this.twoExperts = true;
        this.givenFirstFrame = false;
        this.transformer = transformer;
        this.vae = vae;
        this.text = text;
        this.schedulers = WanSchedulers.PUBLISHED;
        var ordinary = WanDefaults.distilled(PUBLISHED_BOUNDARY);
        this.defaults =
                distilled()
                        ? WanDefaults.turbo(ordinary, imageToVideo(), sparseLinear())
                        : ordinary;
    }

    /**
     * Reads the configurations and checks that they fit each other; weights are not read.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static WanSnapshot open(Path folder) {
        if (ComfyLayout.isHere(folder)) {
            return new WanSnapshot(folder, ComfyLayout.read(folder));
        }
        if (!DiffusersLayout.isHere(folder) && OriginalLayout.isHere(folder)) {
            throw OriginalLayout.refused(folder);
        }
        return new WanSnapshot(folder, DiffusersLayout.read(folder));
    }

    /**
     * The same with weights that the caller has: only the configurations are read from the folder,
     * which is in the layout of diffusers, and its tokenizer.
     */
    public static WanSnapshot open(Path folder, PartWeights weights) {
        var layout = DiffusersLayout.read(folder);
        return new WanSnapshot(folder, layout.with(new GivenParts(weights, layout.parts())));
    }

    /**
     * Two experts whose weights the caller has, without a folder.
     *
     * @param name what messages call the model
     */
    public static WanSnapshot of(
            String name,
            TransformerConfig transformer,
            VaeConfig vae,
            TextEncoderConfig text,
            WanParts parts) {
        return new WanSnapshot(name, transformer, vae, text, parts);
    }

    @Override
    public String family() {
        return givenFirstFrame ? WanTi2vFamily.ID : WanFamily.ID;
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public GenerationDefaults defaults() {
        return defaults;
    }

    @Override
    public GeneratorOptions options() {
        int patch = Math.max(transformer.patch()[1], transformer.patch()[2]);
        return new GeneratorOptions(
                folder.toString(),
                FrameRule.causal(vae.temporalFactor(), MOST_FRAMES),
                vae.spatialFactor() * patch,
                distilled() ? WanSchedulers.DISTILLED_NAMES : WanSchedulers.NAMES,
                List.of(Precision.values()),
                parameters(),
                imageInput());
    }

    private ImageInput imageInput() {
        if (givenFirstFrame) {
            return ImageInput.OPTIONAL;
        }
        return imageToVideo() ? ImageInput.REQUIRED : ImageInput.NONE;
    }

    private Map<String, ParameterRange> parameters() {
        return WanParameters.of(twoExperts, transformer.distillation());
    }

    WanSchedulers schedulers() {
        return schedulers;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A distilled LoRA brings the steps, the scheduler and the guidance that it was made for,
     * except where the weights are distilled themselves.
     */
    @Override
    public GenerationSettings settings(CandidateConfig config, @Nullable RgbImage image) {
        if (!distilled()) {
            WanSchedulers.requireNotDistilled(config.scheduler(), folder);
        }
        options().check(config);
        boolean bySomeLora =
                config.loras() != null
                        ? config.loras().stream().anyMatch(l -> WanDefaults.isDistilled(l.name()))
                        : defaults.loras().stream()
                                .anyMatch(l -> WanDefaults.isDistilled(l.name()));
        var auto = bySomeLora && !distilled() ? WanDefaults.distilled(defaults) : defaults;
        var settings = GenerationSettings.of(config, auto, options().sizeMultiple(), image);
        // Fails here, before anything is loaded, for a number of steps that it does not have.
        if (settings.scheduler().startsWith(WanSchedulers.RCM)) {
            schedulers.of(settings);
        }
        // A guidance that is asked for is both experts', unless the other's is asked for too.
        boolean one = config.guidance() != null && !config.parameters().containsKey(GUIDANCE_LOW);
        return complete(
                twoExperts && one ? settings.with(GUIDANCE_LOW, settings.guidance()) : settings);
    }

    /** With the low-noise expert's guidance, where it was left to the other's. */
    GenerationSettings complete(GenerationSettings settings) {
        var complete = Sparsity.complete(settings);
        return twoExperts && !settings.parameters().containsKey(GUIDANCE_LOW)
                ? complete.with(GUIDANCE_LOW, settings.guidance())
                : complete;
    }

    @Override
    public TrainingTraits training() {
        return new TrainingTraits(
                PredictionType.FLOW, NoiseSchedule.rectifiedFlow(TRAINING_STEPS), LORA_TARGETS);
    }

    /** Whether there is a second expert for low noise. */
    public boolean twoExperts() {
        return twoExperts;
    }

    /** Whether an image, if there is one, is the first latent frame. */
    boolean givenFirstFrame() {
        return givenFirstFrame;
    }

    /** Whether the transformer takes an image beside the latents. */
    public boolean imageToVideo() {
        return transformer.inChannels() != vae.latentChannels();
    }

    TransformerConfig transformer() {
        return transformer;
    }

    VaeConfig vae() {
        return vae;
    }

    TextEncoderConfig text() {
        return text;
    }

    @Override
    public Map<String, Path> files() {
        requireFiles();
        return files;
    }

    private void requireFiles() {
        for (String part : List.of(FileParts.VAE, FileParts.TEXT_ENCODER)) {
            parts.open(part).close();
        }
        for (var expert : experts()) {
            parts.open(expert.folder()).close();
        }
        Path tokenizer = files.getOrDefault("tokenizer", folder.resolve("tokenizer"));
        if (!Files.isRegularFile(tokenizer.resolve("tokenizer.json"))) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no tokenizer.json in " + tokenizer);
        }
    }

    List<Expert> experts() {
        return twoExperts ? List.of(Expert.values()) : List.of(Expert.HIGH);
    }

    @Override
    public Map<String, Path> loraFiles(LoraSpec lora) {
        var files = new LinkedHashMap<String, Path>();
        lora.files(LoraNames.WAN, expertWords())
                .forEach((part, file) -> files.put(part, file.path()));
        return files;
    }

    private List<String> expertWords() {
        return experts().stream().map(Expert::word).toList();
    }

    @Override
    public LoadSettings loadSettings(
            Precision precision, String offload, List<LoraSpec> loras, TorchDevice device) {
        var plan = MemoryPlan.of(this, precision);
        Offload mode = offload.equals("auto") ? plan.offloadFor(device) : Offload.parse(offload);
        return new LoadSettings(precision, mode, loras, plan.tilingFor(device));
    }

    @Override
    public Needs needs(
            GenerationSettings settings, Precision precision, String offload, Device device) {
        return MemoryPlan.of(this, precision).needs(settings, offload, device);
    }

    @Override
    public WanPipeline load(LoadSettings settings, TorchDevice device) {
        return WanPipeline.load(this, settings, device);
    }

    /** Numbers in an expert's weights, by their headers. */
    long transformerParameters() {
        return parts.parameters(Expert.HIGH.folder());
    }

    /** Numbers in the text encoder's weights. */
    long textParameters() {
        return parts.parameters(FileParts.TEXT_ENCODER);
    }

    /** Numbers in the autoencoder's weights. */
    long vaeParameters() {
        return parts.parameters(FileParts.VAE);
    }

    /** The weights of a part, by its folder's name. */
    TensorSource part(String name) {
        return parts.open(name);
    }

    /**
     * The loaded text encoder.
     *
     * @param visiting whether it lives on the CPU and visits the device for each text
     */
    Texts texts(TorchDevice device, DType dtype, boolean visiting) {
        try (var source = part("text_encoder")) {
            return Texts.load(parts.tokenizer(), text, source, TEXT_ROWS, device, dtype, visiting);
        }
    }

    /** An expert's weights with LoRAs merged into them. */
    LoraMerge expert(Expert expert, List<LoraSpec> loras) {
        var opened = new ArrayList<LoraMerge.Strength>();
        var base = part(expert.folder());
        try {
            for (var lora : loras) {
                var file = lora.files(LoraNames.WAN, expertWords()).get(expert.word());
                if (file != null) {
                    opened.add(
                            new LoraMerge.Strength(
                                    LoraFile.open(
                                            file.path(),
                                            LoraNames.WAN,
                                            expert.word(),
                                            file.named()),
                                    lora.strength()));
                }
            }
            return new LoraMerge(base, opened);
        } catch (RuntimeException e) {
            opened.forEach(lora -> lora.file().close());
            base.close();
            throw e;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WanSnapshot snapshot && snapshot.folder.equals(folder);
    }

    @Override
    public int hashCode() {
        return folder.hashCode();
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    @Override
    public TrainableModel train(TrainingSettings settings, TorchDevice device) {
        if (distilled()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s was distilled for few steps, which a training would undo: train on the model that it was distilled from"
                            .formatted(folder));
        }
        return WanTraining.load(this, settings, device);
    }

    @Override
    public TrainingEncoder encoder(Precision precision, TorchDevice device) {
        return new WanEncoder(this, precision, device);
    }

    @Override
    public double[] timesteps() {
        return schedulers.of(settings(CandidateConfig.defaults(), null)).timesteps();
    }

    @Override
    public Optional<String> fileWord(String network) {
        for (var expert : experts()) {
            if (expert.folder().equals(network)) {
                return twoExperts ? Optional.of(expert.word() + "_noise") : Optional.empty();
            }
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s has no network '%s'; it has %s"
                        .formatted(
                                folder, network, experts().stream().map(Expert::folder).toList()));
    }
}
