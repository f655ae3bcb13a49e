package dev.reelrank.diffusion.lora;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA to apply.
 *
 * <p>Which file is for which part of a model: in a folder of several files each is named for one
 * part. A single file is for the part that its name says, else for the parts that its keys name,
 * else for all. A name says a part by its word as in {@code high_noise}, or as its last word, as in
 * {@code style_HIGH_v2}; {@code slow_motion} and {@code low_angle_shot} say nothing.
 *
 * @param path a safetensors file or a folder of them
 * @param strength factor of its changes; 1 as trained
 */
public record LoraSpec(Path path, double strength) {
    /** Words after a part's own that leave its meaning. */
    private static final Set<String> FOLLOWERS = Set.of("noise", "model", "lora", "expert");

    /** Words between two parts of one name. */
    private static final Set<String> CONNECTIVES = Set.of("and", "or", "n", "to", "plus", "with");

    /**
     * The file for one part of a model.
     *
     * @param named whether the file's name says that it is for this part
     */
    public record PartFile(Path path, boolean named) {}

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
     * The files that are used, by part; at least one.
     *
     * @param parts of this model, some of {@link LoraNaming#parts()}
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH when there is no file, a part has none
     *     or several, or the LoRA is for parts that this model does not have
     */
    public Map<String, PartFile> files(LoraNaming naming, List<String> parts) {
        var files = listed();
        if (files.size() == 1) {
            return single(files.get(0), naming, parts);
        }
        var result = new LinkedHashMap<String, PartFile>();
        for (Path file : files) {
            String part =
                    namedPart(file, naming.parts())
                            .orElseThrow(
                                    () ->
                                            broken(
                                                    "has several files, and the name of %s says none of %s"
                                                            .formatted(
                                                                    file.getFileName(),
                                                                    naming.parts())));
            requirePart(part, file, parts);
            var other = result.put(part, new PartFile(file, true));
            if (other != null) {
                throw broken(
                        "has several files for '%s': %s and %s"
                                .formatted(part, other.path().getFileName(), file.getFileName()));
            }
        }
        for (String part : parts) {
            if (!result.containsKey(part)) {
                throw new StageException(
                        FailureCode.MODEL_MISSING,
                        "the LoRA folder %s has no safetensors file with '%s' in its name"
                                .formatted(path, part));
            }
        }
        return result;
    }

    private Map<String, PartFile> single(Path file, LoraNaming naming, List<String> parts) {
        var result = new LinkedHashMap<String, PartFile>();
        var said = namedPart(file, naming.parts());
        if (said.isPresent()) {
            requirePart(said.get(), file, parts);
            if (Files.isDirectory(path) && parts.size() > 1) {
                throw new StageException(
                        FailureCode.MODEL_MISSING,
                        "the LoRA folder %s has a file for '%s' only; name the file itself to apply it alone"
                                .formatted(path, said.get()));
            }
            result.put(said.get(), new PartFile(file, true));
            return result;
        }
        var components = new TreeSet<String>();
        boolean forAll = false;
        try (var opened = SafetensorsFile.open(file)) {
            for (String key : opened.names()) {
                var component = naming.component(key);
                component.ifPresent(components::add);
                forAll |= component.isEmpty();
            }
            if (opened.names().isEmpty()) {
                throw broken("has no tensors: it changes nothing");
            }
        }
        for (String component : components) {
            requirePart(naming.part(component), file, parts);
        }
        for (String part : parts) {
            if (forAll || components.stream().anyMatch(c -> naming.part(c).equals(part))) {
                result.put(part, new PartFile(file, false));
            }
        }
        return result;
    }

    private List<Path> listed() {
        if (Files.isRegularFile(path)) {
            return List.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no LoRA at " + path + ": it is neither a file nor a folder");
        }
        try (Stream<Path> all = Files.list(path)) {
            var files = all.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
            if (files.isEmpty()) {
                throw new StageException(
                        FailureCode.MODEL_MISSING,
                        "the LoRA folder " + path + " has no *.safetensors file");
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + path, e);
        }
    }

    private void requirePart(String part, Path file, List<String> parts) {
        if (!parts.contains(part)) {
            throw broken(
                    "has %s for '%s', but this model has only %s: it is for a model with two experts"
                            .formatted(file.getFileName(), part, parts));
        }
    }

    /** The part that a file's name says, as a whole word in its place. */
    public static Optional<String> namedPart(Path file, List<String> parts) {
        String name = file.getFileName().toString();
        String[] words =
                name.replaceFirst("\\.safetensors$", "")
                        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                        .toLowerCase(Locale.ROOT)
                        .split("[^a-z0-9]+");
        @Nullable String found = null;
        for (int i = 0; i < words.length; i++) {
            for (String part : parts) {
                boolean here =
                        words[i].equals(part + "noise")
                                || (words[i].equals(part) && endsThere(words, i));
                if (here && followsAnother(words, i, part, parts)) {
                    return Optional.empty();
                }
                if (here && found != null && !found.equals(part)) {
                    // Two parts in one name say neither.
                    return Optional.empty();
                }
                if (here) {
                    found = part;
                }
            }
        }
        return Optional.ofNullable(found);
    }

    /**
     * Whether the word before names another part, as in {@code high_low} and {@code high_and_low}.
     */
    private static boolean followsAnother(String[] words, int at, String part, List<String> parts) {
        int before = at - 1;
        while (before >= 0 && CONNECTIVES.contains(words[before])) {
            before--;
        }
        return before >= 0 && !words[before].equals(part) && parts.contains(words[before]);
    }

    /** Whether what follows a word is one of its followers, or only versions and the like. */
    private static boolean endsThere(String[] words, int at) {
        if (at + 1 < words.length && FOLLOWERS.contains(words[at + 1])) {
            return true;
        }
        for (int i = at + 1; i < words.length; i++) {
            if (words[i].chars().noneMatch(Character::isDigit)) {
                return false;
            }
        }
        return true;
    }

    private StageException broken(String what) {
        return new StageException(FailureCode.MODEL_MISMATCH, "the LoRA " + path + " " + what);
    }
}
