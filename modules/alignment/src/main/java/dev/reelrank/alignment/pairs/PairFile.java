package dev.reelrank.alignment.pairs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pairs as JSON Lines: one {@link VideoPair} per line, UTF-8, keys as the record's components. The
 * form of a side is {@code VIDEO} or {@code LATENTS}.
 */
public final class PairFile {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private PairFile() {}

    /** The text of a file with these pairs; equal pairs give equal bytes. */
    public static String text(List<VideoPair> pairs) {
        var text = new StringBuilder();
        for (var pair : pairs) {
            try {
                text.append(JSON.writeValueAsString(pair)).append('\n');
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("no JSON for pair " + pair.id(), e);
            }
        }
        return text.toString();
    }

    /**
     * Writes the pairs; a reader never sees half of the file.
     *
     * @throws StageException OUT_OF_DISK that names the file and says what to do
     */
    public static void write(Path file, List<VideoPair> pairs) {
        try {
            WholeFile.write(file, text(pairs));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write the pairs to " + e.getMessage(), e);
        }
    }

    /**
     * Reads a file of pairs. Empty lines are passed over.
     *
     * @throws StageException INVALID_CONFIG that names the file, the line and what is wrong with it
     */
    public static List<VideoPair> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (MalformedInputException e) {
            throw invalid(file, "it is not UTF-8 text; a file of pairs holds JSON Lines", e);
        } catch (NoSuchFileException e) {
            throw invalid(file, "there is no such file; 'reelrank pairs --out FILE' makes one", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read pairs from " + file, e);
        }
        return parse(file, lines);
    }

    /** The pairs of a text that {@link #text} made; errors name {@code file}. */
    static List<VideoPair> parse(Path file, List<String> lines) {
        var pairs = new ArrayList<VideoPair>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                pairs.add(parse(file, i + 1, lines.get(i)));
            }
        }
        return List.copyOf(pairs);
    }

    private static VideoPair parse(Path file, int number, String line) {
        try {
            VideoPair pair = JSON.readValue(line, VideoPair.class);
            if (pair == null) {
                throw invalid(file, "line " + number + " is 'null', not a pair", null);
            }
            return pair;
        } catch (UnrecognizedPropertyException e) {
            throw invalid(
                    file,
                    "line %d has an unknown key '%s'".formatted(number, e.getPropertyName()),
                    e);
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw invalid(file, "line %d: %s".formatted(number, cause.getMessage()), e);
        } catch (JsonProcessingException e) {
            throw invalid(
                    file,
                    "line %d is not a JSON object of a pair: %s"
                            .formatted(number, e.getOriginalMessage()),
                    e);
        }
    }

    private static StageException invalid(Path file, String what, @Nullable Throwable cause) {
        return new StageException(FailureCode.INVALID_CONFIG, file + ": " + what, cause);
    }
}
