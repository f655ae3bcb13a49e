package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.TuneResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrendsTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private final List<StageFact> grades =
            List.of(grade("first", 0.9, 0.5, false, 0), grade("second", 0.7, 0.8, true, 3));

    @Test
    void shouldNotCountAPlaceholderAsEvidence() {
        var runs = new Trends(grades, List.of()).runs();
        assertThat(runs.get(0).evidence()).containsOnlyKeys("semantic");
        assertThat(runs.get(0).preferenceVersion()).isZero();
        assertThat(runs.get(1).evidence()).containsEntry("preference", 0.8);
        assertThat(runs.get(1).preferenceVersion()).isEqualTo(3);
    }

    @Test
    void shouldSayWhatBecameOfEveryTraining() {
        var table =
                new Trends(
                                List.of(),
                                List.of(
                                        training(1, true, List.of(0.7, 0.2)),
                                        training(1, false, List.of(0.7, 0.6)),
                                        training(1, false, List.of())))
                        .table();
        assertThat(table)
                .contains("No grade yet")
                .contains("2026-01-02T03:04:05Z  training on 12 selections (kept as version 1)")
                .contains("loss 0.200")
                .contains("(worse, not kept; version 1 stays)")
                .contains("(nothing new to learn, version 1 stays)")
                .contains("loss -");
    }

    @Test
    void shouldPlotWhatThereIs(@TempDir Path folder) throws Exception {
        var trainings = List.of(training(1, true, List.of(0.7, 0.2)));
        var both = folder.resolve("both.png");
        TrendPlot.write(both, new Trends(grades, trainings));
        var one = folder.resolve("one.png");
        TrendPlot.write(one, new Trends(List.of(), trainings));
        assertThat(ImageIO.read(both.toFile()).getHeight())
                .isEqualTo(2 * ImageIO.read(one.toFile()).getHeight());
        assertThatThrownBy(
                        () ->
                                TrendPlot.write(
                                        folder.resolve("none.png"),
                                        new Trends(List.of(), List.of())))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("no training");
    }

    private static StageFact grade(
            String run, double semantic, double preference, boolean used, long version) {
        return fact(
                run,
                StageName.GRADE,
                new GradeResult(
                        "A",
                        0.9,
                        false,
                        Map.of(
                                "semantic", new Evidence(semantic, 0.25, true, "{}"),
                                "preference", new Evidence(preference, 0.25, used, "{}")),
                        "fine",
                        version,
                        List.of()));
    }

    private static StageFact training(long version, boolean kept, List<Double> losses) {
        return fact(
                "preferences",
                StageName.TUNE,
                new TuneResult(version, 0, kept, null, 0.5, 0.8, losses, Map.of(), 0.7, 12));
    }

    private static StageFact fact(String run, StageName stage, StageResult result) {
        return new StageFact(
                new WorkRef("w-" + run, run, "s", stage, null, 0),
                new Producer("w", "1@0", "host", "cpu", "cpu"),
                new Computation("key", 1, "f", "fp32", "cpu", false, 0, 0, Map.of(), Map.of()),
                result,
                null,
                NOW);
    }
}
