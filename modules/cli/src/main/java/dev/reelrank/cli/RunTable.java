package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.stage.GradeResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A run at a glance. */
final class RunTable {
    private RunTable() {}

    static String of(RunView view, Path folder) {
        List<SampleView> samples = new ArrayList<>(view.samples().values());
        String table =
                AsciiTable.builder()
                        .border(AsciiTable.NO_BORDERS)
                        .data(
                                samples,
                                List.of(
                                        left("sample", SampleView::sampleId),
                                        left(
                                                "status",
                                                s ->
                                                        s.update()
                                                                .map(
                                                                        u ->
                                                                                u.status()
                                                                                                .name()
                                                                                                .toLowerCase(
                                                                                                        Locale
                                                                                                                .ROOT)
                                                                                        + (u
                                                                                                        .partial()
                                                                                                ? " (partial)"
                                                                                                : ""))
                                                                .orElse("waiting")),
                                        left(
                                                "seed",
                                                s ->
                                                        s.ranking()
                                                                .map(
                                                                        r ->
                                                                                s.seedTitle(
                                                                                        r.winner()
                                                                                                .seed()))
                                                                .orElse("-")),
                                        left("composite", RunTable::composite),
                                        left(
                                                "grade",
                                                s -> s.grade().map(GradeResult::grade).orElse("-")),
                                        left("decision", RunTable::decision),
                                        left(
                                                "score",
                                                s ->
                                                        s.grade()
                                                                .map(GradeResult::score)
                                                                .map(
                                                                        v ->
                                                                                String.format(
                                                                                        Locale.ROOT,
                                                                                        "%.2f",
                                                                                        v))
                                                                .orElse("-")),
                                        left("cost", RunTable::cost),
                                        left(
                                                "video",
                                                s ->
                                                        s.winner().isPresent()
                                                                ? video(s, folder)
                                                                : failure(s))))
                        .asString();
        long done = samples.stream().filter(s -> s.winner().isPresent()).count();
        Path report = folder.resolve("report.json");
        return table
                + System.lineSeparator()
                + reasons(samples)
                + "%d of %d samples have a video; %s%n"
                        .formatted(
                                done,
                                samples.size(),
                                Files.exists(report)
                                        ? "contact sheets that explain the choice: " + report
                                        : "reelrank collect --run %s writes them"
                                                .formatted(view.runId()));
    }

    /** Why winners are not to be kept without a look. */
    private static String reasons(Collection<SampleView> samples) {
        var text = new StringBuilder();
        for (SampleView s : samples) {
            var verdict = s.grade().map(GradeResult::verdict).orElse(null);
            if (verdict != null && !s.grade().orElseThrow().keep()) {
                text.append(
                        "%s: %s, because %s%n"
                                .formatted(s.sampleId(), verdict.decision(), verdict.because()));
            }
        }
        return text.toString();
    }

    private static String decision(SampleView s) {
        return s.grade()
                .flatMap(g -> Optional.ofNullable(g.verdict()))
                .map(GradeResult.Verdict::decision)
                .orElse("-");
    }

    /** Seconds of devices, pruned and failed work included. */
    private static String cost(SampleView s) {
        var cost = RunCost.of(List.of(s));
        return cost.gpuSeconds() > 0
                ? String.format(Locale.ROOT, "%.1f GPU s", cost.gpuSeconds())
                : cost.cpuSeconds() > 0
                        ? String.format(Locale.ROOT, "%.1f CPU s", cost.cpuSeconds())
                        : "-";
    }

    /** Where it lies, if it does. */
    private static String video(SampleView s, Path folder) {
        Path file = folder.resolve(s.sampleId() + ".mp4");
        return Files.exists(file) ? file.toString() : "in the store";
    }

    private static String composite(SampleView s) {
        return s.ranking()
                .map(
                        r ->
                                String.format(
                                        Locale.ROOT,
                                        "%.4f",
                                        r.candidates().get(r.winner().index()).composite()))
                .orElse("-");
    }

    private static String failure(SampleView s) {
        return s.update()
                .map(
                        u ->
                                u.failure() == null
                                        ? ""
                                        : u.failure().stage().id() + ": " + u.failure().code())
                .orElse("");
    }

    private static com.github.freva.asciitable.ColumnData<SampleView> left(
            String title, java.util.function.Function<SampleView, String> value) {
        return Columns.left(title, 200, value);
    }
}
