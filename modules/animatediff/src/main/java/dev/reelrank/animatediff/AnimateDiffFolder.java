package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.diffusion.schedule.DdimSettings;
import dev.reelrank.diffusion.text.ClipTokenizer;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TensorSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's folder in one of three forms:
 *
 * <ul>
 *   <li>an {@code AnimateDiffPipeline} of diffusers, whose UNet holds the motion modules;
 *   <li>a {@code StableDiffusionPipeline} of diffusers as it was downloaded, with a motion adapter
 *       in its folder {@code motion_adapter};
 *   <li>Stable Diffusion in one file, with {@code tokenizer} and {@code motion_adapter} beside it
 *       ({@link SingleFile}).
 * </ul>
 *
 * @param folder the model
 * @param adapted whether the motion modules are in a file of their own
 * @param weights of the UNet with its motion modules, of the autoencoder and of the text encoder
 */
record AnimateDiffFolder(
        Path folder,
        boolean adapted,
        UnetConfig unet,
        PictureVaeConfig vae,
        ClipTextConfig text,
        DdimSettings ddim,
        PartWeights weights) {
    static final String UNET = "unet";
    static final String TEXT_ENCODER = "text_encoder";
    static final String VAE = "vae";
    static final String ADAPTER = "motion_adapter";
    static final Set<String> PIPELINES = Set.of("AnimateDiffPipeline", "StableDiffusionPipeline");

    private static final String CONFIG = "config.json";
    private static final List<String> FILES =
            List.of(
                    "model_index.json",
                    "generation_defaults.json",
                    UNET,
                    ADAPTER,
                    VAE,
                    TEXT_ENCODER,
                    "tokenizer",
                    "scheduler");

    /**
     * Reads the configurations.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    static AnimateDiffFolder read(Path folder) {
        return read(folder, null);
    }

    /** The same with weights from elsewhere; null for those of the folder. */
    static AnimateDiffFolder read(Path folder, @Nullable PartWeights given) {
        if (given == null && SingleFile.isHere(folder)) {
            return single(folder);
        }
        var index = ConfigFile.read(folder.resolve("model_index.json"));
        String kind = index.text("_class_name");
        if (kind == null || !PIPELINES.contains(kind)) {
            throw index.wrong("_class_name", "AnimateDiffPipeline or StableDiffusionPipeline");
        }
        var unet = ConfigFile.read(folder.resolve(UNET).resolve(CONFIG));
        boolean adapted = !"UNetMotionModel".equals(unet.text("_class_name"));
        if (adapted && !Files.isDirectory(folder.resolve(ADAPTER))) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "%s makes pictures, not videos: put a motion adapter of AnimateDiff (config.json and its weights) into %s"
                            .formatted(folder, folder.resolve(ADAPTER)));
        }
        var made =
                new AnimateDiffFolder(
                        folder,
                        adapted,
                        adapted ? adapted(unet, folder) : UnetConfig.read(unet),
                        PictureVaeConfig.read(ConfigFile.read(folder.resolve(VAE).resolve(CONFIG))),
                        ClipTextConfig.read(
                                ConfigFile.read(folder.resolve(TEXT_ENCODER).resolve(CONFIG))),
                        DdimFile.read(folder, adapted),
                        given == null ? new AnimateDiffFiles(folder, adapted) : given);
        made.requireFit();
        return made;
    }

    private static AnimateDiffFolder single(Path folder) {
        Path file = SingleFile.of(folder);
        var unet = adapted(SingleFile.config(folder, UNET), folder);
        var vae = PictureVaeConfig.read(SingleFile.config(folder, VAE));
        var names = new SingleFileNames(unet.layers(), vae.channels().size());
        var made =
                new AnimateDiffFolder(
                        folder,
                        true,
                        unet,
                        vae,
                        ClipTextConfig.read(SingleFile.config(folder, TEXT_ENCODER)),
                        DdimFile.read(folder, true),
                        new SingleFile(file, names, folder.resolve(ADAPTER)));
        made.requireFit();
        return made;
    }

    /** The UNet with the motion modules in their folder; original files have no configuration. */
    private static UnetConfig adapted(ConfigFile unet, Path folder) {
        Path adapter = folder.resolve(ADAPTER);
        if (Files.exists(adapter.resolve(CONFIG))) {
            return UnetConfig.read(unet, ConfigFile.read(adapter.resolve(CONFIG)));
        }
        try (var file = WeightFiles.open(adapter, WeightFiles.NETWORK)) {
            return UnetConfig.read(unet, file);
        }
    }

    private void requireFit() {
        if (text.dim() != unet.textDim()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the text encoder of %s makes %d numbers per token, the UNet expects %d"
                            .formatted(folder, text.dim(), unet.textDim()));
        }
        long z = vae.latentChannels();
        if (unet.inChannels() != z || unet.outChannels() != z) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the UNet of %s takes %d channels and makes %d; with this VAE both must be %d: inpainting models are not supported"
                            .formatted(folder, unet.inChannels(), unet.outChannels(), z));
        }
    }

    /** What decides the videos, by names that do not depend on where the folder lies. */
    Map<String, Path> files() {
        var files = new LinkedHashMap<String, Path>();
        for (String name : FILES) {
            Path path = folder.resolve(name);
            // The adapter beside a UNet that holds it is not read.
            if (Files.exists(path) && (adapted || !name.equals(ADAPTER))) {
                files.put(name, path);
            }
        }
        if (weights instanceof SingleFile single) {
            files.put("checkpoint", single.file());
        }
        return files;
    }

    /** The weights of the UNet with its motion modules; the caller closes them. */
    TensorSource openUnet() {
        return weights.open(UNET);
    }

    /** The weights of the autoencoder; the caller closes them. */
    TensorSource openVae() {
        return weights.open(VAE);
    }

    /** The weights of the text encoder; the caller closes them. */
    TensorSource openText() {
        return weights.open(TEXT_ENCODER);
    }

    /** The tokenizer; the caller closes it. */
    ClipTokenizer openTokenizer() {
        return ClipTokenizer.open(folder.resolve("tokenizer"));
    }

    /** Numbers in the weights of a part; those of the UNet with its motion modules. */
    long parameters(String part) {
        return weights.parameters(part);
    }
}
