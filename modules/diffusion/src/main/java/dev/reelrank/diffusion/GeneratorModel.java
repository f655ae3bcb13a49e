package dev.reelrank.diffusion;

import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One model of a family: a folder whose configurations have been read and whose weights have not.
 *
 * <p>Two models are equal when they are of the same folder, so that a load key can hold one.
 */
public interface GeneratorModel {
    /** The {@linkplain GeneratorFamily#id() family} it belongs to. */
    String family();

    Path folder();

    /** What {@code auto} means for this model. */
    GenerationDefaults defaults();

    /** What a configuration may ask of this model. */
    GeneratorOptions options();

    /** What training an adapter of this model has to know. */
    TrainingTraits training();

    /**
     * Every file and folder that decides what comes out, by names that do not depend on where the
     * model lies.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH if one of them
     *     is not there or cannot be read
     */
    Map<String, Path> files();

    /**
     * The files of a LoRA that are used, by the part of the model that they change.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH when the LoRA is
     *     not there, or does not say which file is for which part
     */
    Map<String, Path> loraFiles(LoraSpec lora);

    /**
     * How the weights are loaded on a device.
     *
     * @param offload an {@link dev.reelrank.diffusion.offload.Offload#id()}, or {@code auto}: by
     *     the device's memory
     */
    LoadSettings loadSettings(
            Precision precision, String offload, List<LoraSpec> loras, TorchDevice device);

    /**
     * The memory to reserve, from the headers of the weights.
     *
     * @param offload as for {@link #loadSettings}
     */
    Needs needs(GenerationSettings settings, Precision precision, String offload, Device device);

    /**
     * Reads the weights.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH naming file and
     *     tensor, INVALID_CONFIG when the device cannot compute in this precision
     */
    Generator load(LoadSettings settings, TorchDevice device);

    /**
     * A configuration with nothing left open.
     *
     * @param image decides the aspect where the size is auto; null for the default size
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for what this model cannot do
     */
    default GenerationSettings settings(CandidateConfig config, @Nullable RgbImage image) {
        options().check(config);
        return GenerationSettings.of(config, defaults(), options().sizeMultiple(), image);
    }
}
