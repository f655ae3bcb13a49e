package dev.reelrank.alignment.compare;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.statistics.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything about a comparison, as it is stored.
 *
 * @param adapter its name, with its version where it has one
 * @param base what it was compared with
 * @param gate the rules
 * @param comparison the figures
 * @param verdict what the rules say about them
 * @param clips every clip's figures
 */
public record ComparisonReport(
        String adapter,
        String base,
        Gate gate,
        Comparison comparison,
        Verdict verdict,
        List<ComparedClip> clips) {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public ComparisonReport {
        clips = List.copyOf(clips);
    }

    /** Compares and judges. */
    public static ComparisonReport of(
            String adapter, String base, Gate gate, List<ComparedClip> clips, Bootstrap bootstrap) {
        var comparison = Comparison.of(clips, bootstrap);
        return new ComparisonReport(adapter, base, gate, comparison, gate.judge(comparison), clips);
    }

    /** What a reader wants first: the state, beside what the record holds. */
    @JsonProperty
    public String state() {
        return verdict.state();
    }

    /** As JSON; {@link #read} gives an equal report. */
    public ObjectNode json() {
        return JSON.valueToTree(this);
    }

    /**
     * Writes the JSON.
     *
     * @throws StageException OUT_OF_DISK
     */
    public void write(Path file) {
        try {
            JSON.writeValue(file.toFile(), json());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws StageException INPUT_LOST when it cannot be read
     */
    public static ComparisonReport read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new StageException(
                        FailureCode.INPUT_LOST, "there is no report of a comparison at " + file);
            }
            var tree = (ObjectNode) JSON.readTree(file.toFile());
            tree.remove("state");
            return JSON.treeToValue(tree, ComparisonReport.class);
        } catch (IOException | ClassCastException e) {
            throw new StageException(
                    FailureCode.INPUT_LOST,
                    file + " is no report of a comparison: " + e.getMessage(),
                    e);
        }
    }
}
