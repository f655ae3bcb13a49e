package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.SizeRule;
import dev.reelrank.diffusion.lora.LoraFile;
import dev.reelrank.diffusion.lora.LoraMerge;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.diffusion.text.TextTokenizer;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model folder in the diffusers layout: {@code model_index.json}, {@code transformer}, {@code
 * transformer_2}, {@code vae}, {@code text_encoder}, {@code tokenizer}, {@code scheduler}.
 */
public final class WanSnapshot {
    private static final double PUBLISHED_BOUNDARY = 0.9;
    private static final double RANDOM_DEVIATION = 0.02;

    /** The words by which LoRA files name the experts. */
    public static final List<String> LORA_EXPERTS = Expert.WORDS;

    /** Rows of text the experts see, whatever the prompt's length. */
    static final int TEXT_ROWS = 512;

    private final Path folder;
    private final @Nullable Architecture random;
    private final boolean twoExperts;
    private final double boundary;
    private final TransformerConfig transformer;
    private final VaeConfig vae;
    private final TextEncoderConfig text;
    private final GenerationDefaults defaults;

    private WanSnapshot(Path folder) {
        this.folder = folder;
        this.random = null;
        var index = ConfigFile.read(folder.resolve("model_index.json"));
        String kind = index.text("_class_name");
        if (kind == null || !kind.startsWith("Wan")) {
            throw index.wrong("_class_name", "WanImageToVideoPipeline or WanPipeline");
        }
        if (index.flag("expand_timesteps", false)) {
            throw index.unsupported("expand_timesteps (TI2V-5B): use Wan2.2-A14B");
        }
        if (index.part("image_encoder") != null) {
            throw index.unsupported("a CLIP image encoder (Wan2.1): use Wan2.2-A14B");
        }
        twoExperts = index.part("transformer_2") != null;
        boundary = index.number("boundary_ratio", twoExperts ? PUBLISHED_BOUNDARY : 0);
        transformer = config(Expert.HIGH);
        if (twoExperts) {
            var low = config(Expert.LOW);
            if (low.dim() != transformer.dim()
                    || low.inChannels() != transformer.inChannels()
                    || low.layers() != transformer.layers()
                    || low.textDim() != transformer.textDim()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "transformer and transformer_2 of " + folder + " are of different models");
            }
        }
        vae = VaeConfig.read(ConfigFile.read(folder.resolve("vae").resolve("config.json")));
        text =
                TextEncoderConfig.read(
                        ConfigFile.read(folder.resolve("text_encoder").resolve("config.json")));
        if (text.dim() != transformer.textDim()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the text encoder of %s makes %d numbers a token, the transformer wants %d"
                            .formatted(folder, text.dim(), transformer.textDim()));
        }
        long z = vae.latentChannels();
        if (transformer.inChannels() != z
                && transformer.inChannels() != 2 * z + vae.temporalFactor()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the transformer of %s takes %d channels; with this VAE it must be %d (text-to-video) or %d (image-to-video)"
                            .formatted(
                                    folder,
                                    transformer.inChannels(),
                                    z,
                                    2 * z + vae.temporalFactor()));
        }
        defaults = GenerationDefaults.read(folder);
    }

    private WanSnapshot(Architecture architecture) {
        folder = Path.of("random weights");
        random = architecture;
        twoExperts = true;
        boundary = PUBLISHED_BOUNDARY;
        transformer = architecture.transformer;
        vae = architecture.vae;
        text = architecture.text;
        defaults = GenerationDefaults.PUBLISHED;
    }

    /**
     * An architecture with random weights, made where they are needed: for measuring time and
     * memory without the files.
     */
    public static WanSnapshot random(Architecture architecture) {
        return new WanSnapshot(architecture);
    }

    /**
     * Reads the configurations and checks that they fit each other; weights are not read.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static WanSnapshot open(Path folder) {
        return new WanSnapshot(folder);
    }

    private TransformerConfig config(Expert expert) {
        return TransformerConfig.read(
                ConfigFile.read(folder.resolve(expert.folder()).resolve("config.json")));
    }

    public Path folder() {
        return folder;
    }

    /** Whether there is a second expert for low noise. */
    public boolean twoExperts() {
        return twoExperts;
    }

    /** Whether the transformer takes an image. */
    public boolean imageToVideo() {
        return transformer.inChannels() != vae.latentChannels();
    }

    /** Share of the noise range above which the high-noise expert works, 0 for always. */
    public double boundary() {
        return defaults.boundary() == null ? boundary : defaults.boundary();
    }

    /** What {@code auto} means for this model. */
    public GenerationDefaults defaults() {
        return defaults;
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

    /**
     * The size of the video for an image.
     *
     * @param width of the default size, pixels
     * @param height of the default size, pixels
     */
    public SizeRule.Size sizeFor(RgbImage image, SizeRule rule, int width, int height) {
        int patch = Math.max(transformer.patch()[1], transformer.patch()[2]);
        return rule.of(image, width, height, vae.spatialFactor() * patch);
    }

    /** Every file and folder that decides what comes out, by its name in the snapshot. */
    public Map<String, Path> files() {
        var files = new LinkedHashMap<String, Path>();
        for (String name :
                List.of(
                        "model_index.json",
                        "generation_defaults.json",
                        "transformer",
                        "transformer_2",
                        "vae",
                        "text_encoder",
                        "tokenizer")) {
            Path path = folder.resolve(name);
            if (Files.exists(path) && (twoExperts || !name.equals("transformer_2"))) {
                files.put(name, path);
            }
        }
        return files;
    }

    /** Numbers in an expert's weights, by their headers. */
    public long transformerParameters() {
        if (random != null) {
            return random.transformerParameters;
        }
        try (var checkpoint = Checkpoint.open(folder.resolve(Expert.HIGH.folder()))) {
            return checkpoint.names().stream()
                    .mapToLong(name -> checkpoint.info(name).elements())
                    .sum();
        }
    }

    /** Numbers in the text encoder's weights. */
    public long textParameters() {
        if (random != null) {
            return random.textParameters;
        }
        try (var checkpoint = Checkpoint.open(folder.resolve("text_encoder"))) {
            return checkpoint.names().stream()
                    .mapToLong(name -> checkpoint.info(name).elements())
                    .sum();
        }
    }

    /** The weights of a part, by its folder's name. */
    TensorSource part(String name) {
        return random != null
                ? new RandomTensors(RANDOM_DEVIATION)
                : Checkpoint.open(folder.resolve(name));
    }

    TextTokenizer tokenizer() {
        return random != null
                ? TextTokenizer.ofCharacters(text.vocabulary())
                : TextTokenizer.open(folder.resolve("tokenizer"));
    }

    /**
     * The loaded text encoder.
     *
     * @param visiting whether it lives on the CPU and visits the device for each text
     */
    Texts texts(TorchDevice device, DType dtype, boolean visiting) {
        try (var source = part("text_encoder")) {
            return Texts.load(tokenizer(), text, source, TEXT_ROWS, device, dtype, visiting);
        }
    }

    /** An expert's weights with LoRAs merged into them. */
    TensorSource expert(Expert expert, List<LoraSpec> loras) {
        var base = part(expert.folder());
        var opened = new ArrayList<LoraMerge.Strength>();
        try {
            for (var lora : loras) {
                lora.file(expert.word(), Expert.WORDS)
                        .ifPresent(
                                file ->
                                        opened.add(
                                                new LoraMerge.Strength(
                                                        LoraFile.open(file, LoraNames.WAN),
                                                        lora.strength())));
            }
            return opened.isEmpty() ? base : new LoraMerge(base, opened);
        } catch (RuntimeException e) {
            opened.forEach(lora -> lora.file().close());
            base.close();
            throw e;
        }
    }

    /** Checks that every file a generation needs is there and readable. */
    public void requireFiles() {
        for (String part : List.of("vae", "text_encoder")) {
            Checkpoint.open(folder.resolve(part)).close();
        }
        Checkpoint.open(folder.resolve(Expert.HIGH.folder())).close();
        if (twoExperts) {
            Checkpoint.open(folder.resolve(Expert.LOW.folder())).close();
        }
        if (!Files.isRegularFile(folder.resolve("tokenizer").resolve("tokenizer.json"))) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no tokenizer.json in " + folder.resolve("tokenizer"));
        }
    }
}
