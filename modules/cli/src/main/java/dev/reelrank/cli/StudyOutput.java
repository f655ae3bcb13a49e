package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import dev.reelrank.client.Session;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.study.Cell;
import dev.reelrank.evaluation.study.CellChange;
import dev.reelrank.evaluation.study.StudyData;
import dev.reelrank.evaluation.study.StudyReport;
import dev.reelrank.evaluation.study.StudyResult;
import dev.reelrank.evaluation.study.Summary;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a study's report and prints what it found. */
final class StudyOutput {
    private final Session session;
    private final Path folder;
    private final @Nullable StudyData earlier;
    private final boolean json;

    /**
     * @param earlier the study to guard against, null without one
     */
    StudyOutput(Session session, Path folder, @Nullable StudyData earlier, boolean json) {
        this.session = session;
        this.folder = folder;
        this.earlier = earlier;
        this.json = json;
    }

    /**
     * Writes and prints.
     *
     * @return the exit code: {@link ExitCode#WORSE} if a metric is significantly worse than in the
     *     earlier study
     */
    int write(StudyData data) {
        var result = StudyResult.of(data);
        List<CellChange> against = earlier == null ? List.of() : StudyResult.against(data, earlier);
        Path scratch;
        try {
            scratch = Files.createTempDirectory("reelrank-study");
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot make a temporary folder: " + e, e);
        }
        Path page =
                new StudyReport(result, blob -> session.store().fetch(blob, scratch), against)
                        .write(folder);
        if (json) {
            Json.print(
                    Map.of(
                            "report", page.toString(),
                            "best", result.best(),
                            "changes", result.changes(),
                            "steps", result.steps(),
                            "against", against,
                            "notes", result.notes()));
        } else {
            System.out.println(table(result));
            Summary.of(result).forEach(System.out::println);
            result.notes().forEach(note -> System.err.println("Note: " + note));
        }
        System.err.println("The report: " + page);
        var worse = StudyResult.worse(against);
        for (CellChange change : worse) {
            System.err.printf(
                    "Worse than in the earlier study: %s of %s by %s.%n",
                    change.metric(), change.cell(), change.words());
        }
        if (!worse.isEmpty()) {
            return ExitCode.WORSE;
        }
        return data.cells().stream().anyMatch(c -> c.failures() > 0)
                ? ExitCode.SAMPLE_FAILED
                : ExitCode.OK;
    }

    private static String table(StudyResult result) {
        var columns = new ArrayList<ColumnData<Cell>>();
        columns.add(Columns.left("configuration", 60, Cell::name));
        for (String metric : result.data().metrics()) {
            columns.add(Columns.left(Metrics.of(metric).name(), 40, c -> mean(c, metric)));
        }
        columns.add(
                Columns.left(
                        "s/sample",
                        12,
                        c ->
                                Double.isNaN(c.secondsEach())
                                        ? "–"
                                        : String.format(Locale.ROOT, "%.1f", c.secondsEach())));
        return AsciiTable.builder()
                .border(AsciiTable.NO_BORDERS)
                .data(result.data().cells(), columns)
                .asString();
    }

    private static String mean(Cell cell, String metric) {
        var mean = cell.mean(metric);
        return mean.isPresent()
                ? String.format(Locale.ROOT, "%.4f", mean.getAsDouble())
                : "not measured";
    }
}
