package dev.reelrank.diffusion.lora;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A LoRA to apply.
 *
 * @param path a folder with one safetensors file for each expert of the model (its word in the
 *     file's name), or one file: for the expert its name says, or else for all
 * @param strength factor of its changes; 1 as trained
 */
public record LoraSpec(Path path, double strength) {
    /** Reads {@code DIR} or {@code DIR:STRENGTH}. */
    public static LoraSpec parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0) {
            try {
                return new LoraSpec(
                        Path.of(text.substring(0, colon)),
                        Double.parseDouble(text.substring(colon + 1)));
            } catch (NumberFormatException e) {
                // A colon in the path.
                return new LoraSpec(Path.of(text), 1);
            }
        }
        return new LoraSpec(Path.of(text), 1);
    }

    /**
     * The file for an expert, if there is one.
     *
     * @param expert the expert's word in file names
     * @param experts the words of all experts of the model
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH when the folder has none or several
     */
    public Optional<Path> file(String expert, List<String> experts) {
        if (Files.isRegularFile(path)) {
            boolean others = experts.stream().anyMatch(word -> named(path, word));
            return others && !named(path, expert) ? Optional.empty() : Optional.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no LoRA at " + path + ": neither file nor folder");
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(path)) {
            files =
                    all.filter(f -> f.toString().endsWith(".safetensors"))
                            .filter(f -> named(f, expert))
                            .sorted()
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + path, e);
        }
        if (files.size() != 1) {
            throw new StageException(
                    files.isEmpty() ? FailureCode.MODEL_MISSING : FailureCode.MODEL_MISMATCH,
                    "the LoRA folder %s must have one safetensors file with '%s' in its name, it has %d"
                            .formatted(path, expert, files.size()));
        }
        return Optional.of(files.get(0));
    }

    /**
     * The files that are used, by expert.
     *
     * @param experts the words of all experts of the model
     */
    public Map<String, Path> files(List<String> experts) {
        var files = new LinkedHashMap<String, Path>();
        for (var expert : experts) {
            file(expert, experts).ifPresent(path -> files.put(expert, path));
        }
        return files;
    }

    private static boolean named(Path file, String word) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).contains(word);
    }
}
