package dev.reelrank.bench.wan;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.wan.WanProbe.Measurement;
import dev.reelrank.torch.MemoryReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * What was measured, as a table and as JSON. The file is written after each row, so that a call
 * that is killed keeps what it had.
 */
final class WanRows {
    private final FigureFile json;
    private final ArrayNode figures = new ObjectMapper().createArrayNode();
    private final List<String[]> rows = new ArrayList<>();

    WanRows(FigureFile json) {
        this.json = json;
    }

    /** A measurement; one that this GPU cannot run does not end the others: the table says why. */
    void row(String part, String how, Supplier<Measurement> measurement) {
        Measurement m;
        try {
            m = measurement.get();
        } catch (RuntimeException e) {
            failed(part, how, e);
            return;
        }
        add(part, how, m.firstSeconds(), m.seconds(), m.weightsBytes(), m.memory());
    }

    /** A relative error. */
    void error(String how, DoubleSupplier measurement) {
        double error;
        try {
            error = measurement.getAsDouble();
        } catch (RuntimeException e) {
            failed("error", how, e);
            return;
        }
        rows.add(new String[] {"error", how, "", "%.4f".formatted(error), "", ""});
        figures.addObject().put("part", "error").put("how", how).put("relativeError", error);
        keep();
    }

    /**
     * One row.
     *
     * @param first seconds of the first run
     * @param seconds mean of the others
     * @param weights bytes
     */
    void add(String part, String how, double first, double seconds, long weights, MemoryReport m) {
        double peak = MemoryReport.gib(m.peak());
        rows.add(
                new String[] {
                    part,
                    how,
                    "%.3f".formatted(first),
                    "%.3f".formatted(seconds),
                    "%.1f".formatted(MemoryReport.gib(weights)),
                    "%.1f".formatted(peak)
                });
        figures.addObject()
                .put("part", part)
                .put("how", how)
                .put("firstSeconds", first)
                .put("seconds", seconds)
                .put("weightsGib", MemoryReport.gib(weights))
                .put("reservedGib", MemoryReport.gib(m.reserved()))
                .put("peakGib", peak);
        keep();
    }

    /** What could not be measured, and why. */
    void failed(String part, String how, RuntimeException e) {
        String reason = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
        rows.add(new String[] {part, how, "failed: " + reason, "", "", ""});
        figures.addObject().put("part", part).put("how", how).put("failed", reason);
        keep();
    }

    private void keep() {
        System.err.println(String.join("  ", rows.get(rows.size() - 1)));
        try {
            json.write(figures);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the file of --json", e);
        }
    }

    /** The table, for people. */
    void print() {
        System.out.println(
                AsciiTable.getTable(
                        new String[] {"part", "how", "first s", "s", "weights GiB", "peak GiB"},
                        rows.toArray(String[][]::new)));
    }
}
