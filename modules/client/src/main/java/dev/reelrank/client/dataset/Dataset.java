package dev.reelrank.client.dataset;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.PromptLength;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A dataset folder. Names on disk come from ids, never from prompts. */
public final class Dataset {
    private static final List<String> IMAGE_ENDINGS = List.of("png", "jpg", "jpeg", "webp");
    private static final List<String> TEXT_ENDINGS = List.of("txt");

    /** In UTF-8 a character takes up to four bytes. */
    private static final long LONGEST_TEXT = 4L * PromptLength.LONGEST;

    private final Path folder;

    /**
     * @throws StageException INVALID_CONFIG if the folder has no {@code images} and {@code prompts}
     */
    public Dataset(Path folder) {
        this.folder = folder;
        for (String part : List.of("images", "prompts")) {
            if (!Files.isDirectory(folder.resolve(part))) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s is not a dataset: it has no folder '%s'; a dataset has images/<sample_id>.png|jpg|webp and prompts/<sample_id>.txt"
                                .formatted(folder, part));
            }
        }
    }

    /** Every sample id that has a prompt or an image, sorted. */
    public List<String> ids() {
        var ids = new TreeSet<String>();
        ids.addAll(files("images", IMAGE_ENDINGS).keySet());
        ids.addAll(files("prompts", TEXT_ENDINGS).keySet());
        return List.copyOf(ids);
    }

    /**
     * The files of one part by id. Cameras write endings in capitals; hidden files, such as the
     * {@code ._cat.png} that macOS leaves on foreign disks, are nobody's sample.
     *
     * @param endings in the order that decides when an id has several
     */
    private Map<String, Path> files(String part, List<String> endings) {
        Path within = folder.resolve(part);
        if (!Files.isDirectory(within)) {
            return Map.of();
        }
        try (var files = Files.list(within)) {
            return files.filter(f -> !f.getFileName().toString().startsWith("."))
                    .filter(f -> endings.contains(ending(f)))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .collect(
                            Collectors.toMap(
                                    Dataset::id,
                                    f -> f,
                                    BinaryOperator.minBy(
                                            Comparator.comparingInt(
                                                    f -> endings.indexOf(ending(f))))));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + within, e);
        }
    }

    /**
     * The ids to run: all, the named ones in their order without repetition, or the first n.
     *
     * @param repeated receives every id that was named twice
     */
    public List<String> choose(
            List<String> named,
            @Nullable Integer first,
            java.util.function.Consumer<String> repeated) {
        List<String> ids = named.isEmpty() ? ids() : distinct(named, repeated);
        if (ids.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no sample in "
                            + folder
                            + ": put images into images/ and prompts into prompts/");
        }
        return first == null ? ids : ids.subList(0, Math.min(first, ids.size()));
    }

    /**
     * Opens one sample.
     *
     * @throws StageException with a USER code that names the file and the remedy
     */
    public Sample sample(String id) {
        Ids.requireSampleId(id);
        Path image =
                file("images", IMAGE_ENDINGS, id)
                        .orElseThrow(
                                () ->
                                        new StageException(
                                                FailureCode.INVALID_SAMPLE,
                                                "sample %s has no image: expected %s.png, .jpg or .webp"
                                                        .formatted(
                                                                id,
                                                                folder.resolve("images")
                                                                        .resolve(id))));
        Path prompt =
                file("prompts", TEXT_ENDINGS, id)
                        .orElse(folder.resolve("prompts").resolve(id + ".txt"));
        String text =
                text(prompt)
                        .orElseThrow(
                                () ->
                                        new StageException(
                                                FailureCode.INVALID_SAMPLE,
                                                "sample %s has no prompt: expected %s"
                                                        .formatted(id, prompt)));
        if (text.isBlank()) {
            throw new StageException(
                    FailureCode.EMPTY_PROMPT,
                    "sample %s has an empty prompt: write a sentence into %s"
                            .formatted(id, prompt));
        }
        PromptLength.require(text.strip(), prompt.toString());
        String subject =
                file("subjects", TEXT_ENDINGS, id)
                        .flatMap(Dataset::text)
                        .filter(s -> !s.isBlank())
                        .orElse(null);
        return new Sample(id, image, text.strip(), subject == null ? null : subject.strip());
    }

    private static Optional<String> text(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > LONGEST_TEXT) {
                throw new StageException(
                        FailureCode.PROMPT_TOO_LONG,
                        "%s has %d bytes; a prompt may have %d characters: shorten it"
                                .formatted(file, Files.size(file), PromptLength.LONGEST));
            }
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, file + " is not UTF-8 text: save it as UTF-8", e);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static List<String> distinct(
            List<String> named, java.util.function.Consumer<String> repeated) {
        var seen = new LinkedHashSet<String>();
        for (String id : named) {
            if (!seen.add(id)) {
                repeated.accept(id);
            }
        }
        return new ArrayList<>(seen);
    }

    /** The file of one sample: by its usual name, else by looking through the folder. */
    private Optional<Path> file(String part, List<String> endings, String id) {
        for (String ending : endings) {
            Path usual = folder.resolve(part).resolve(id + "." + ending);
            if (Files.isRegularFile(usual)) {
                return Optional.of(usual);
            }
        }
        return Optional.ofNullable(files(part, endings).get(id));
    }

    private static String id(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
