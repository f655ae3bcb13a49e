package dev.reelrank.evaluation.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * The figures of a study, before any statistics: what {@code study.json} holds.
 *
 * @param name of the study
 * @param question that it asks, a sentence; may be empty
 * @param baseline name of the cell that the others are compared with
 * @param incremental whether each cell is the one before with one thing more
 * @param metrics that verdicts, ranks and the composite are about, in order
 * @param cells in order, at least one, no two of one name
 */
public record StudyData(
        String name,
        String question,
        String baseline,
        boolean incremental,
        List<String> metrics,
        List<Cell> cells) {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public StudyData {
        metrics = List.copyOf(metrics);
        cells = List.copyOf(cells);
        var names = new HashSet<String>();
        for (Cell cell : cells) {
            if (!names.add(cell.name())) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "two configurations of the study are named '%s'".formatted(cell.name()));
            }
        }
        if (!names.contains(baseline)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the baseline '%s' is none of the study's configurations %s"
                            .formatted(baseline, cells.stream().map(Cell::name).toList()));
        }
        metrics.forEach(Metrics::of);
    }

    /** A configuration by its name. */
    public Cell cell(String cell) {
        return cells.stream().filter(c -> c.name().equals(cell)).findFirst().orElseThrow();
    }

    /**
     * Writes it as JSON.
     *
     * @throws StageException OUT_OF_DISK
     */
    public void write(Path file) {
        try {
            JSON.writeValue(file.toFile(), this);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws StageException INVALID_CONFIG when it is none
     */
    public static StudyData read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "there is no file " + file + " of a study");
        }
        try {
            return JSON.readValue(file.toFile(), StudyData.class);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is no study.json of an earlier study: %s".formatted(file, e.getMessage()),
                    e);
        }
    }
}
