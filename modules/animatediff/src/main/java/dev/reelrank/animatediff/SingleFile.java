package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Stable Diffusion in one file, in its original layout, as fine-tuned models are published. It lies
 * in a folder with {@code tokenizer} and {@code motion_adapter}. Sizes are those of Stable
 * Diffusion 1.5 unless the folder has the {@code config.json} of a part.
 *
 * @param file the checkpoint
 */
record SingleFile(Path file, SingleFileNames names, Path adapter) implements PartWeights {
    private static final String UNET = "model.diffusion_model.";
    private static final String VAE = "first_stage_model.";
    private static final String TEXT = "cond_stage_model.transformer.";
    private static final String SIZES = "stable-diffusion-1.5.json";

    /** Whether a folder has this layout, by the names of its files. */
    static boolean isHere(Path folder) {
        return !Files.exists(folder.resolve("model_index.json"))
                && Files.isDirectory(folder.resolve(AnimateDiffFolder.ADAPTER))
                && !files(folder).isEmpty();
    }

    /**
     * The checkpoint of a folder.
     *
     * @throws StageException MODEL_MISMATCH if there are several
     */
    static Path of(Path folder) {
        var files = files(folder);
        if (files.size() != 1) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has several checkpoints (%s): leave one of them in it"
                            .formatted(folder, files.stream().map(Path::getFileName).toList()));
        }
        return files.get(0);
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var found = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(folder, "*.safetensors")) {
            entries.forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
        found.sort(null);
        return found;
    }

    /** The configuration of a part: the folder's own, or that of Stable Diffusion 1.5. */
    static ConfigFile config(Path folder, String part) {
        Path own = folder.resolve(part).resolve("config.json");
        return Files.exists(own)
                ? ConfigFile.read(own)
                : ConfigFile.resource(SingleFile.class, SIZES).child(part);
    }

    @Override
    public TensorSource open(String part) {
        var checkpoint = Checkpoint.open(file);
        try {
            return switch (part) {
                case AnimateDiffFolder.UNET ->
                        new JoinedTensors(
                                part(checkpoint, UNET, names::unet),
                                StoredNames.motion(WeightFiles.open(adapter, WeightFiles.NETWORK)));
                case AnimateDiffFolder.VAE -> part(checkpoint, VAE, names::vae);
                default -> part(checkpoint, TEXT, names::text);
            };
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private TensorSource part(Checkpoint checkpoint, String prefix, UnaryOperator<String> rename) {
        var stored = stored(checkpoint, prefix, rename);
        if (stored.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has no tensors %s*: it is no checkpoint of Stable Diffusion 1.5 in one file"
                            .formatted(file, prefix));
        }
        return new FlatTensors(checkpoint, stored);
    }

    private static Map<String, String> stored(
            Checkpoint checkpoint, String prefix, UnaryOperator<String> rename) {
        var stored = new LinkedHashMap<String, String>();
        for (String name : checkpoint.names()) {
            // Losses of the autoencoder's training are kept in some files.
            if (name.startsWith(prefix) && !name.startsWith("loss.", prefix.length())) {
                stored.put(rename.apply(name.substring(prefix.length())), name);
            }
        }
        return stored;
    }

    @Override
    public long parameters(String part) {
        String prefix =
                switch (part) {
                    case AnimateDiffFolder.UNET -> UNET;
                    case AnimateDiffFolder.VAE -> VAE;
                    default -> TEXT;
                };
        long sum = 0;
        if (part.equals(AnimateDiffFolder.UNET)) {
            try (var motion = WeightFiles.open(adapter, WeightFiles.NETWORK)) {
                sum += elements(motion, "");
            }
        }
        try (var checkpoint = Checkpoint.open(file)) {
            return sum + elements(checkpoint, prefix);
        }
    }

    private static long elements(Checkpoint checkpoint, String prefix) {
        return checkpoint.names().stream()
                .filter(name -> name.startsWith(prefix))
                .mapToLong(name -> checkpoint.info(name).elements())
                .sum();
    }
}
