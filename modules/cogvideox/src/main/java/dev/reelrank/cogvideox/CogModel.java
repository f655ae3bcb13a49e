package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.ConfigFile;
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
import dev.reelrank.diffusion.SizeLimits;
import dev.reelrank.diffusion.SizeRule.Size;
import dev.reelrank.diffusion.TrainingTraits;
import dev.reelrank.diffusion.lora.LoraFile;
import dev.reelrank.diffusion.lora.LoraMerge;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.diffusion.text.TextRules;
import dev.reelrank.diffusion.text.TextTokenizer;
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

/** A model folder in the layout of diffusers, as CogVideoX is published. */
final class CogModel implements GeneratorModel, Trainable {
    /** The folders of the parts that have weights. */
    static final String TRANSFORMER = "transformer";

    static final String TEXT_ENCODER = "text_encoder";
    static final String VAE = "vae";

    /** Parameter: how the guidance changes from step to step, by place in {@link Guidance}. */
    static final String DYNAMIC_GUIDANCE = "dynamicGuidance";

    private static final String FROM_TEXT = "CogVideoXPipeline";
    private static final String FROM_IMAGE = "CogVideoXImageToVideoPipeline";
    private static final List<String> PARTS = List.of(TRANSFORMER, VAE, TEXT_ENCODER);
    private static final List<String> FILES =
            List.of(
                    "model_index.json",
                    "generation_defaults.json",
                    TRANSFORMER,
                    VAE,
                    TEXT_ENCODER,
                    "tokenizer",
                    "scheduler");
    private static final List<Precision> PRECISIONS =
            List.of(
                    Precision.FP32,
                    Precision.BF16,
                    Precision.FP8,
                    Precision.FP8_WEIGHTS,
                    Precision.BF16_WEIGHTS);
    private static final Map<String, ParameterRange> PARAMETERS =
            Map.of(
                    DYNAMIC_GUIDANCE,
                    ParameterRange.whole(
                            0,
                            2,
                            "0: the guidance stays, 1: it changes as in diffusers, 2: as in CogVideoX's own sampler"));

    /** Queries, keys, values and outputs of the attention. */
    private static final List<Pattern> LORA_TARGETS =
            List.of(Pattern.compile("transformer_blocks\\.\\d+\\.attn1\\.(to_[qkv]|to_out\\.0)"));

    private final Path folder;
    private final PartWeights weights;
    private final CogTransformerConfig transformer;
    private final CogVaeConfig vae;
    private final TextEncoderConfig text;
    private final CogSchedulers schedulers;
    private final GenerationDefaults defaults;

    private CogModel(Path folder, PartWeights weights) {
        this.folder = folder;
        this.weights = weights;
        var index = ConfigFile.read(folder.resolve("model_index.json"));
        transformer = CogTransformerConfig.read(config(TRANSFORMER, "config.json"));
        vae = CogVaeConfig.read(config(VAE, "config.json"));
        text = TextEncoderConfig.read(config(TEXT_ENCODER, "config.json"));
        schedulers = CogSchedulers.read(config("scheduler", "scheduler_config.json"));
        requireFit(index);
        defaults =
                GenerationDefaults.read(
                        folder, CogDefaults.published(transformer, vae, schedulers), options());
    }

    private ConfigFile config(String part, String name) {
        return ConfigFile.read(folder.resolve(part).resolve(name));
    }

    /**
     * Reads the configurations and checks that they fit each other; weights are not read.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    static CogModel open(Path folder) {
        return new CogModel(folder, new CogFiles(folder));
    }

    /** The same with weights from elsewhere. */
    static CogModel open(Path folder, PartWeights weights) {
        return new CogModel(folder, weights);
    }

    private void requireFit(ConfigFile index) {
        String kind = index.text("_class_name");
        if (!FROM_TEXT.equals(kind) && !FROM_IMAGE.equals(kind)) {
            throw index.wrong("_class_name", FROM_TEXT + " or " + FROM_IMAGE);
        }
        if (!text.sharedPositions()) {
            throw config(TEXT_ENCODER, "config.json").wrong("model_type", "t5");
        }
        if (text.dim() != transformer.textDim()) {
            throw mismatch(
                    "the text encoder makes %d numbers per token, the transformer expects %d"
                            .formatted(text.dim(), transformer.textDim()));
        }
        long channels = vae.latentChannels() * (FROM_IMAGE.equals(kind) ? 2 : 1);
        if (transformer.inChannels() != channels
                || transformer.outChannels() != vae.latentChannels()) {
            throw mismatch(
                    "a %s with this VAE needs a transformer from %d channels to %d, its config.json says %d and %d"
                            .formatted(
                                    kind,
                                    channels,
                                    vae.latentChannels(),
                                    transformer.inChannels(),
                                    transformer.outChannels()));
        }
        if (transformer.timeFactor() != vae.timeFactor()) {
            throw mismatch(
                    "temporal_compression_ratio is %d for the transformer and %d for the VAE"
                            .formatted(transformer.timeFactor(), vae.timeFactor()));
        }
        if (transformer.offsetDim() != 0 && transformer.offsetDim() != transformer.timeDim()) {
            throw mismatch(
                    "ofs_embed_dim is %d, but it is added to time_embed_dim, %d"
                            .formatted(transformer.offsetDim(), transformer.timeDim()));
        }
    }

    private StageException mismatch(String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "the parts of %s do not fit each other: %s".formatted(folder, what));
    }

    @Override
    public String family() {
        return CogFamily.ID;
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
        return new GeneratorOptions(
                folder.toString(),
                frameRule(),
                sizes(),
                CogSchedulers.NAMES,
                PRECISIONS,
                PARAMETERS,
                imageToVideo() ? ImageInput.REQUIRED : ImageInput.NONE);
    }

    /**
     * The decoder makes 8k+1 frames; 1.5 was trained on 16k+1, up to twice the length. A learned
     * table of positions has one length.
     */
    private FrameRule frameRule() {
        int most = transformer.sampleFrames();
        if (transformer.learnedPositions()) {
            return FrameRule.exactly(most);
        }
        int step = 2 * vae.timeFactor() * transformer.patchFrames();
        return FrameRule.causal(step, transformer.framePatch() > 0 ? 2 * most - 1 : most);
    }

    private SizeLimits sizes() {
        int factor = vae.spaceFactor();
        var sample =
                new Size(transformer.sampleWidth() * factor, transformer.sampleHeight() * factor);
        int multiple = factor * transformer.patch();
        if (transformer.learnedPositions()) {
            return new SizeLimits(multiple, null, sample);
        }
        return transformer.framePatch() > 0
                ? new SizeLimits(multiple, sample, null)
                : SizeLimits.multiplesOf(multiple);
    }

    /** {@inheritDoc} Where there is one size only, an image is resized to it. */
    @Override
    public GenerationSettings settings(CandidateConfig config, @Nullable RgbImage image) {
        options().check(config);
        boolean oneSize = sizes().only() != null;
        return complete(
                GenerationSettings.of(
                        config, defaults, options().sizeMultiple(), oneSize ? null : image));
    }

    /**
     * With the family's parameters, where they were left open.
     *
     * @throws StageException INVALID_CONFIG for more steps than it was trained with
     */
    GenerationSettings complete(GenerationSettings settings) {
        var full =
                settings.parameters().containsKey(DYNAMIC_GUIDANCE)
                        ? settings
                        : settings.with(DYNAMIC_GUIDANCE, 0);
        if (settings.steps() > schedulers.training().timesteps()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "steps is %d; for %s it must be at most %d"
                            .formatted(
                                    settings.steps(), folder, schedulers.training().timesteps()));
        }
        return full;
    }

    @Override
    public TrainingTraits training() {
        return new TrainingTraits(PredictionType.V, schedulers.training(), LORA_TARGETS);
    }

    boolean imageToVideo() {
        return transformer.inChannels() != vae.latentChannels();
    }

    CogTransformerConfig transformer() {
        return transformer;
    }

    CogVaeConfig vae() {
        return vae;
    }

    CogSchedulers schedulers() {
        return schedulers;
    }

    CogShape shape() {
        return new CogShape(vae, transformer.patchFrames());
    }

    @Override
    public Map<String, Path> files() {
        for (String part : PARTS) {
            part(part).close();
        }
        TextTokenizer.file(folder.resolve("tokenizer"));
        var files = new LinkedHashMap<String, Path>();
        for (String name : FILES) {
            if (Files.exists(folder.resolve(name))) {
                files.put(name, folder.resolve(name));
            }
        }
        return files;
    }

    @Override
    public Map<String, Path> loraFiles(LoraSpec lora) {
        var files = new LinkedHashMap<String, Path>();
        lora.files(CogLoraNames.NAMES, CogLoraNames.NAMES.parts())
                .forEach((part, file) -> files.put(part, file.path()));
        return files;
    }

    @Override
    public LoadSettings loadSettings(
            Precision precision, String offload, List<LoraSpec> loras, TorchDevice device) {
        var memory = CogMemory.of(this, precision);
        Offload mode = offload.equals("auto") ? memory.offloadFor(device) : Offload.parse(offload);
        return new LoadSettings(precision, mode, loras, memory.tilingFor(device));
    }

    @Override
    public Needs needs(
            GenerationSettings settings, Precision precision, String offload, Device device) {
        return CogMemory.of(this, precision).needs(settings, offload, device);
    }

    @Override
    public CogPipeline load(LoadSettings settings, TorchDevice device) {
        return CogPipeline.load(this, settings, device);
    }

    /** Numbers in the weights of a part, by their headers. */
    long parameters(String part) {
        return weights.parameters(part);
    }

    /** The weights of a part, by its folder's name. */
    TensorSource part(String name) {
        return weights.open(name);
    }

    /** The loaded text encoder; the prompt is not cleaned, and its padding counts. */
    Texts texts(TorchDevice device, DType dtype, Offload offload) {
        try (var source = part(TEXT_ENCODER)) {
            return Texts.load(
                    TextTokenizer.open(folder.resolve("tokenizer")),
                    text,
                    source,
                    new TextRules(transformer.textRows(), false, true),
                    device,
                    dtype,
                    offload);
        }
    }

    CogVae vae(TorchDevice device, DType dtype) {
        try (var source = part(VAE)) {
            return new CogVae(vae, source, device, dtype);
        }
    }

    /** The transformer's weights with LoRAs merged into them. */
    LoraMerge merged(List<LoraSpec> loras) {
        var opened = new ArrayList<LoraMerge.Strength>();
        var base = part(TRANSFORMER);
        try {
            for (var lora : loras) {
                var file =
                        lora.files(CogLoraNames.NAMES, CogLoraNames.NAMES.parts()).get(TRANSFORMER);
                if (file != null) {
                    opened.add(
                            new LoraMerge.Strength(
                                    LoraFile.open(
                                            file.path(),
                                            CogLoraNames.NAMES,
                                            TRANSFORMER,
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
    public TrainableModel train(TrainingSettings settings, TorchDevice device) {
        return CogTraining.load(this, settings, device);
    }

    @Override
    public TrainingEncoder encoder(Precision precision, TorchDevice device) {
        return new CogEncoder(this, precision, device);
    }

    /** Frames come before channels in the order of drawn numbers, and an image's numbers first. */
    @Override
    public boolean seededNoise() {
        return false;
    }

    @Override
    public double[] timesteps() {
        return schedulers.timesteps(settings(CandidateConfig.defaults(), null).steps());
    }

    @Override
    public Optional<String> fileWord(String network) {
        if (network.equals(TRANSFORMER)) {
            return Optional.empty();
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s has no network '%s'; it has %s".formatted(folder, network, TRANSFORMER));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CogModel model && model.folder.equals(folder);
    }

    @Override
    public int hashCode() {
        return folder.hashCode();
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
