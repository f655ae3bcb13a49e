package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.text.TextEncoderConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The layout of diffusers: {@code model_index.json}, and a folder with {@code config.json} for each
 * part. The weights in it may have their original names.
 */
final class DiffusersLayout {
    private static final List<String> FILES =
            List.of(
                    "model_index.json",
                    "generation_defaults.json",
                    "transformer",
                    "transformer_2",
                    "vae",
                    "text_encoder",
                    "tokenizer",
                    "scheduler");

    private static final String EXPAND_TIMESTEPS = "expand_timesteps";

    private DiffusersLayout() {}

    static boolean isHere(Path folder) {
        return ConfigFile.pipelineClass(folder).filter(name -> name.startsWith("Wan")).isPresent();
    }

    /** Whether it is a model whose first latent frame can be given (TI2V-5B). */
    static boolean expandsTimesteps(Path folder) {
        return isHere(folder)
                && ConfigFile.read(folder.resolve("model_index.json"))
                        .flag(EXPAND_TIMESTEPS, false);
    }

    static WanLayout read(Path folder) {
        var index = ConfigFile.read(folder.resolve("model_index.json"));
        String kind = index.text("_class_name");
        if (kind == null || !kind.startsWith("Wan")) {
            throw index.wrong("_class_name", "WanImageToVideoPipeline or WanPipeline");
        }
        boolean given = index.flag(EXPAND_TIMESTEPS, false);
        if (index.part("image_encoder") != null) {
            throw index.unsupported(
                    "a CLIP image encoder (Wan2.1 image-to-video): use Wan2.2-I2V-A14B-Diffusers");
        }
        boolean two = index.part("transformer_2") != null;
        if (two && given) {
            throw index.unsupported(
                    "expand_timesteps (TI2V-5B) and two transformers: no published Wan has both");
        }
        var transformer = transformer(folder, Expert.HIGH);
        if (two) {
            transformer.requireLike(
                    transformer(folder, Expert.LOW), "transformer and transformer_2 of " + folder);
        }
        var vae = VaeConfig.read(config(folder, "vae"));
        var files = new LinkedHashMap<String, Path>();
        for (String name : FILES) {
            Path path = folder.resolve(name);
            if (Files.exists(path) && (two || !name.equals("transformer_2"))) {
                files.put(name, path);
            }
        }
        return new WanLayout(
                new FileParts(
                        Map.of(
                                Expert.HIGH.folder(),
                                folder.resolve(Expert.HIGH.folder()),
                                Expert.LOW.folder(),
                                folder.resolve(Expert.LOW.folder()),
                                FileParts.VAE,
                                folder.resolve("vae"),
                                FileParts.TEXT_ENCODER,
                                folder.resolve("text_encoder")),
                        folder.resolve("tokenizer"),
                        vae.residualBlocks()),
                files,
                two,
                given,
                // Without a boundary the first expert works alone, whether there is a second or
                // not.
                boundary(index),
                transformer,
                vae,
                TextEncoderConfig.read(config(folder, "text_encoder")),
                WanSchedulers.read(folder, given ? WanSchedulers.TI2V : WanSchedulers.PUBLISHED));
    }

    private static double boundary(ConfigFile index) {
        double boundary = index.number("boundary_ratio", 0);
        if (boundary < 0 || boundary > 1) {
            throw index.wrong("boundary_ratio", "from 0 to 1");
        }
        return boundary;
    }

    private static TransformerConfig transformer(Path folder, Expert expert) {
        return TransformerConfig.read(config(folder, expert.folder()))
                .with(Distillation.of(folder.resolve(expert.folder())));
    }

    private static ConfigFile config(Path folder, String part) {
        return ConfigFile.read(folder.resolve(part).resolve("config.json"));
    }
}
