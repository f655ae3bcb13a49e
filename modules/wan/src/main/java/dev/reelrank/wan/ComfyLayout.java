package dev.reelrank.wan;

import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The layout of ComfyUI: single files of original names in {@code diffusion_models}, {@code
 * text_encoders} and {@code vae}. They bring no configuration: sizes are read off the tensors.
 *
 * <p>ComfyUI has the tokenizer in its program; here it lies in {@code tokenizer}, as in the
 * diffusers layout.
 */
final class ComfyLayout {
    private static final List<String> TRANSFORMERS = List.of("diffusion_models", "unet");
    private static final List<String> TEXT_ENCODERS = List.of("text_encoders", "clip");
    private static final double IMAGE_BOUNDARY = 0.9;
    private static final double TEXT_BOUNDARY = 0.875;

    private ComfyLayout() {}

    static boolean isHere(Path folder) {
        return !Files.exists(folder.resolve("model_index.json"))
                && !found(folder, TRANSFORMERS, "wan").isEmpty();
    }

    static WanLayout read(Path folder) {
        var experts = experts(folder);
        boolean two = experts.size() == 2;
        Path high = Objects.requireNonNull(experts.get(Expert.HIGH));
        TransformerConfig transformer = transformer(high);
        if (two) {
            transformer.requireLike(
                    transformer(Objects.requireNonNull(experts.get(Expert.LOW))),
                    experts.values().toString());
        }
        Path vae = one(folder, List.of("vae"), "wan");
        Path text = one(folder, TEXT_ENCODERS, "umt5");
        Path tokenizer = folder.resolve("tokenizer");
        if (!Files.isRegularFile(tokenizer.resolve("tokenizer.json"))) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "%s is in ComfyUI's layout, which has no tokenizer: copy the folder 'tokenizer' of a Wan-AI/*-Diffusers repository into it"
                            .formatted(folder));
        }
        VaeConfig vaeConfig;
        try (var file = Checkpoint.open(vae)) {
            vaeConfig = SizesOfTensors.vae(file);
        }
        TextEncoderConfig textConfig;
        try (var file = Checkpoint.open(text)) {
            textConfig = SizesOfTensors.textEncoder(file);
        }
        var files = new LinkedHashMap<String, Path>();
        experts.forEach((expert, file) -> files.put(expert.folder(), file));
        files.put("vae", vae);
        files.put("text_encoder", text);
        files.put("tokenizer", tokenizer);
        boolean fromImage = transformer.inChannels() != vaeConfig.latentChannels();
        return new WanLayout(
                new FileParts(files, tokenizer, vaeConfig.residualBlocks()),
                files,
                two,
                false,
                two ? (fromImage ? IMAGE_BOUNDARY : TEXT_BOUNDARY) : 0,
                transformer,
                vaeConfig,
                textConfig,
                WanSchedulers.PUBLISHED);
    }

    private static TransformerConfig transformer(Path file) {
        try (var checkpoint = Checkpoint.open(file)) {
            return SizesOfTensors.transformer(checkpoint);
        }
    }

    /** One file for the only expert, or one for each of two by their names. */
    private static Map<Expert, Path> experts(Path folder) {
        var files = found(folder, TRANSFORMERS, "wan");
        var experts = new EnumMap<Expert, Path>(Expert.class);
        if (files.size() == 1) {
            word(files.get(0)).ifPresent(word -> requireOther(folder, files.get(0), word));
            experts.put(Expert.HIGH, files.get(0));
            return experts;
        }
        for (Path file : files) {
            Optional<String> word = word(file);
            for (Expert expert : Expert.values()) {
                if (word.filter(expert.word()::equals).isPresent()
                        && experts.put(expert, file) != null) {
                    throw several(folder, files);
                }
            }
        }
        if (experts.size() != 2 || files.size() != 2) {
            throw several(folder, files);
        }
        return experts;
    }

    /** The expert that a file's name says; TurboWan's quantized files add a word after it. */
    private static Optional<String> word(Path file) {
        String name = file.getFileName().toString().replaceFirst("-quant(?=\\.)", "");
        return LoraSpec.namedPart(file.resolveSibling(name), Expert.WORDS);
    }

    private static void requireOther(Path folder, Path file, String word) {
        String other = word.equals(Expert.HIGH.word()) ? Expert.LOW.word() : Expert.HIGH.word();
        throw new StageException(
                FailureCode.MODEL_MISSING,
                "%s has %s for the %s-noise expert, but no file for the %s-noise expert: put that one beside it"
                        .formatted(folder, file.getFileName(), word, other));
    }

    private static StageException several(Path folder, List<Path> files) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s is in ComfyUI's layout and holds several models: %s. Make a folder with links to one model's files: one file, or one with 'high_noise' and one with 'low_noise' in its name"
                        .formatted(folder, files));
    }

    private static Path one(Path folder, List<String> parents, String word) {
        var files = found(folder, parents, word);
        if (files.size() != 1) {
            throw new StageException(
                    files.isEmpty() ? FailureCode.MODEL_MISSING : FailureCode.MODEL_MISMATCH,
                    "%s is in ComfyUI's layout and must have one *%s*.safetensors in %s, it has %s"
                            .formatted(folder, word, String.join(" or ", parents), files));
        }
        return files.get(0);
    }

    private static List<Path> found(Path folder, List<String> parents, String word) {
        var files = new ArrayList<Path>();
        for (String parent : parents) {
            Path inside = folder.resolve(parent);
            if (!Files.isDirectory(inside)) {
                continue;
            }
            try (Stream<Path> all = Files.list(inside)) {
                all.filter(
                                file -> {
                                    String name =
                                            file.getFileName().toString().toLowerCase(Locale.ROOT);
                                    return name.endsWith(".safetensors") && name.contains(word);
                                })
                        .sorted()
                        .forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + inside, e);
            }
        }
        return files;
    }
}
