package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.train.StepReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A line per step, so that the curves of a training that was interrupted are whole. */
final class StepFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    StepFile(Path file) {
        this.file = file;
    }

    /** The steps that were done; of a step that was done again the last report. */
    List<StepReport> read() {
        var reports = new ArrayList<StepReport>();
        if (Files.isRegularFile(file)) {
            try {
                for (String line : Files.readAllLines(file)) {
                    var report = JSON.readValue(line, StepReport.class);
                    reports.removeIf(known -> known.step() >= report.step());
                    reports.add(report);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return reports;
    }

    void add(StepReport report) {
        try {
            Files.writeString(
                    file,
                    JSON.writeValueAsString(report) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + file, e);
        }
    }
}
