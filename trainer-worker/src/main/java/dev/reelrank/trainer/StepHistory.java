package dev.reelrank.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.train.StepReport;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The reports of all steps of a training, over interruptions: a draft beside its checkpoints. */
final class StepHistory {
    private static final String NAME = "steps.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ResultStore store;
    private final String inputKey;
    private final Path scratch;
    private final boolean preferring;
    private final List<StepReport> reports = new ArrayList<>();

    /**
     * @param preferring whether winners are set against losers: a training on winners alone has no
     *     rewards and no accuracy to tell
     */
    StepHistory(ResultStore store, String inputKey, Path scratch, boolean preferring) {
        this.store = store;
        this.inputKey = inputKey;
        this.scratch = scratch;
        this.preferring = preferring;
    }

    /**
     * Takes what an earlier process kept.
     *
     * @param step from which the training goes on; later reports are of steps that are done anew
     */
    void resume(long step) {
        reports.clear();
        var kept = store.fetchDraft(inputKey, NAME, scratch);
        if (kept.isEmpty()) {
            return;
        }
        try {
            for (String line : Files.readAllLines(kept.get())) {
                var report = JSON.readValue(line, StepReport.class);
                if (report.step() <= step) {
                    reports.add(report);
                }
            }
        } catch (IOException e) {
            // Only pictures are drawn from it: the training goes on without its beginning.
            reports.clear();
        }
    }

    void add(StepReport report) {
        reports.add(report);
    }

    List<StepReport> reports() {
        return List.copyOf(reports);
    }

    /** Keeps all reports so far. */
    void keep() {
        Path file = scratch.resolve(NAME + ".new");
        var text = new StringBuilder();
        for (var report : reports) {
            text.append(line(report)).append('\n');
        }
        try {
            WholeFile.write(file, text.toString(), WholeFile.Care.ONE_WRITER);
        } catch (IOException e) {
            throw new StageException(FailureCode.OUT_OF_DISK, "cannot write " + e.getMessage(), e);
        }
        store.putDraft(inputKey, NAME, file);
    }

    private static String line(StepReport report) {
        try {
            return JSON.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + report, e);
        }
    }

    /** Means over the last tenth of the steps, at least over one. */
    Map<String, Double> figures() {
        var figures = new LinkedHashMap<String, Double>();
        if (reports.isEmpty()) {
            return figures;
        }
        int last = Math.max(1, reports.size() / 10);
        var end = reports.subList(reports.size() - last, reports.size());
        figures.put("loss", mean(end, StepReport::loss));
        if (preferring) {
            figures.put("winnerReward", mean(end, StepReport::winnerReward));
            figures.put("loserReward", mean(end, StepReport::loserReward));
            figures.put("margin", mean(end, StepReport::margin));
            figures.put("accuracy", mean(end, StepReport::accuracy));
        }
        figures.put("gradientNorm", mean(end, StepReport::gradientNorm));
        figures.put("secondsPerStep", mean(reports, StepReport::seconds));
        return figures;
    }

    /** The figures of one step, as progress tells them. */
    Map<String, Double> figures(StepReport report) {
        var figures = new LinkedHashMap<String, Double>();
        figures.put("loss", report.loss());
        if (preferring) {
            figures.put("winnerReward", report.winnerReward());
            figures.put("loserReward", report.loserReward());
            figures.put("margin", report.margin());
            figures.put("accuracy", report.accuracy());
        }
        figures.put("gradientNorm", report.gradientNorm());
        figures.put("learningRate", report.learningRate());
        figures.put("secondsPerStep", report.seconds());
        figures.put("memoryBytes", (double) report.memory().allocated());
        return figures;
    }

    private static double mean(List<StepReport> of, ToDoubleFunction<StepReport> figure) {
        return of.stream().mapToDouble(figure).average().orElse(0);
    }
}
