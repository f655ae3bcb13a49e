package dev.reelrank.animatediff;

import dev.reelrank.diffusion.FrameRule;
import dev.reelrank.diffusion.GenerationDefaults;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Generator;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.GeneratorOptions;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.ParameterRange;
import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.TrainingTraits;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.DdimScheduler;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A folder of AnimateDiff, opened: its configurations are read, its weights are not. */
public final class AnimateDiffModel implements GeneratorModel, Trainable {
    /** Parameter: last blocks of the text encoder that are left out. */
    static final String CLIP_SKIP = "clipSkip";

    /** The only scheduler. */
    static final String DDIM = "ddim";

    private static final int FRAMES = 16;
    private static final double FPS = 8;
    private static final int SIDE = 512;
    private static final int STEPS = 25;
    private static final double GUIDANCE = 7.5;
    private static final List<Precision> PRECISIONS =
            List.of(Precision.FP32, Precision.BF16, Precision.FP8_WEIGHTS, Precision.BF16_WEIGHTS);

    /** Queries, keys, values and outputs of both attentions of the motion modules. */
    private static final List<Pattern> LORA_TARGETS =
            List.of(
                    Pattern.compile(
                            ".*motion_modules\\.\\d+\\.transformer_blocks\\.\\d+\\.attn[12]\\.(to_[qkv]|to_out\\.0)"));

    private final Path folder;
    private final AnimateDiffFolder parts;
    private final GenerationDefaults defaults;

    private AnimateDiffModel(AnimateDiffFolder parts) {
        this.folder = parts.folder();
        this.parts = parts;
        this.defaults =
                GenerationDefaults.read(
                        folder,
                        new GenerationDefaults(
                                SIDE,
                                SIDE,
                                Math.min(FRAMES, parts.unet().motion().maxFrames()),
                                FPS,
                                STEPS,
                                GUIDANCE,
                                DDIM,
                                Map.of(CLIP_SKIP, 0.0),
                                List.of()),
                        options());
    }

    /**
     * Reads the configurations and checks that they fit each other; weights are not read.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static AnimateDiffModel open(Path folder) {
        return new AnimateDiffModel(AnimateDiffFolder.read(folder));
    }

    /** The same with weights that the caller has: only the configurations are read. */
    public static AnimateDiffModel open(Path folder, PartWeights weights) {
        return new AnimateDiffModel(AnimateDiffFolder.read(folder, weights));
    }

    @Override
    public String family() {
        return AnimateDiffFamily.ID;
    }

    @Override
    public Path folder() {
        return folder;
    }

    AnimateDiffFolder parts() {
        return parts;
    }

    @Override
    public GenerationDefaults defaults() {
        return defaults;
    }

    @Override
    public GeneratorOptions options() {
        return new GeneratorOptions(
                folder.toString(),
                new FrameRule(1, 1, parts.unet().motion().maxFrames()),
                parts.vae().factor(),
                List.of(DDIM),
                PRECISIONS,
                Map.of(
                        CLIP_SKIP,
                        ParameterRange.whole(
                                0,
                                parts.text().layers() - 1,
                                "last blocks of the text encoder that the prompt does not pass")),
                ImageInput.NONE);
    }

    /** The scheduler of one generation. */
    Scheduler scheduler(int steps) {
        return new DdimScheduler(parts.ddim(), steps);
    }

    @Override
    public TrainingTraits training() {
        return new TrainingTraits(parts.ddim().prediction(), parts.ddim().schedule(), LORA_TARGETS);
    }

    @Override
    public Map<String, Path> files() {
        parts.openUnet().close();
        parts.openVae().close();
        parts.openText().close();
        parts.openTokenizer().close();
        return parts.files();
    }

    @Override
    public Map<String, Path> loraFiles(LoraSpec lora) {
        return new UnetLoras(parts).files(lora);
    }

    @Override
    public LoadSettings loadSettings(
            Precision precision, String offload, List<LoraSpec> loras, TorchDevice device) {
        var memory = AnimateDiffMemory.of(parts, precision);
        Offload mode = offload.equals("auto") ? memory.offloadFor(device) : Offload.parse(offload);
        return new LoadSettings(precision, mode, loras, memory.tilingFor(device));
    }

    @Override
    public Needs needs(
            GenerationSettings settings, Precision precision, String offload, Device device) {
        return AnimateDiffMemory.of(parts, precision).needs(settings, offload, device);
    }

    @Override
    public Generator load(LoadSettings settings, TorchDevice device) {
        return AnimateDiffPipeline.load(this, settings, device);
    }

    /** The loaded text encoder. */
    ClipTexts texts(TensorSource source, TorchDevice device, DType dtype, boolean visiting) {
        return new ClipTexts(parts.openTokenizer(), parts.text(), source, device, dtype, visiting);
    }

    @Override
    public TrainableModel train(TrainingSettings settings, TorchDevice device) {
        return UnetNetwork.load(this, settings, device);
    }

    @Override
    public TrainingEncoder encoder(Precision precision, TorchDevice device) {
        return new AnimateDiffEncoder(this, precision, device);
    }

    @Override
    public double[] timesteps() {
        return scheduler(defaults.steps()).timesteps();
    }

    @Override
    public Optional<String> fileWord(String network) {
        if (!network.equals(AnimateDiffFolder.UNET)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has no network '%s'; it has %s"
                            .formatted(folder, network, AnimateDiffFolder.UNET));
        }
        return Optional.empty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AnimateDiffModel model && model.folder.equals(folder);
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
