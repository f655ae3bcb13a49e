package dev.reelrank.evaluation.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.statistics.Verdict.Kind;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyResultTest {
    private static final String METRIC = "identity_clip";

    @Test
    void shouldCallAClearGainBetterAndItsReverseWorse() {
        var low = cell("low", .80, .81, .82, .83, .80, .81);
        var high = cell("high", .90, .91, .93, .92, .90, .91);
        assertThat(change(low, high).verdict().kind()).isEqualTo(Kind.BETTER);
        assertThat(change(high, low).verdict().kind()).isEqualTo(Kind.WORSE);
        assertThat(change(low, high).winRate()).isEqualTo(1);
    }

    @Test
    void shouldCountAFailedSampleAsLostAndLeaveItOutOfTheDifference() {
        var low = cell("low", .80, .81, .82, .83, .80, .81);
        var samples = new ArrayList<>(cell("high", .90, .91, .93, .92, .90, .91).samples());
        samples.set(0, StudySample.failed("s0", "", "candidate: no video"));
        var high = new Cell("high", "", "run", samples);
        var change = change(low, high);
        assertThat(change.pairs()).isEqualTo(5);
        assertThat(change.samples()).isEqualTo(6);
        assertThat(change.winRate()).isEqualTo(5 / 6.0);
        assertThat(StudyResult.of(study(low, high)).notes()).anyMatch(n -> n.contains("no video"));
    }

    @Test
    void shouldCompareTheCommonSamplesAndListTheRest() {
        var low = cell("low", .80, .81, .82, .83, .80, .81, .8);
        var high = cell("high", .90, .91, .93);
        var result = StudyResult.of(study(low, high));
        assertThat(result.changes().get(0).samples()).isEqualTo(3);
        assertThat(result.changes().get(0).verdict().kind()).isEqualTo(Kind.UNDECIDED);
        assertThat(result.notes()).anyMatch(n -> n.contains("s3, s4, s5, s6"));
        var stranger = new Cell("none", "", "run", List.of(StudySample.failed("x", "", "nothing")));
        assertThat(StudyResult.of(study(low, stranger)).changes().get(0).verdict().kind())
                .isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void shouldNotCompareOtherVersionsNorPixelsOfOtherSizes() {
        var one = cell("one", .80, .81, .82, .83, .80);
        var other =
                new Cell(
                        "other",
                        "",
                        "run",
                        one.samples().stream()
                                .map(s -> with(s, 640, Map.of(METRIC, Measurement.of(.9, 2))))
                                .toList());
        var result = StudyResult.of(study(one, other));
        assertThat(result.changes().get(0).verdict().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(result.notes()).anyMatch(n -> n.contains("version"));
        assertThat(result.notes()).anyMatch(n -> n.contains("640x"));
    }

    @Test
    void shouldSayWhyAMetricWasNotMeasured() {
        var none =
                new Cell(
                        "none",
                        "",
                        "run",
                        cell("x", .8, .8).samples().stream()
                                .map(
                                        s ->
                                                with(
                                                        s,
                                                        128,
                                                        Map.of(
                                                                METRIC,
                                                                Measurement.not("no model", 1))))
                                .toList());
        var result = StudyResult.of(study(cell("low", .8, .8), none));
        assertThat(result.changes().get(0).verdict().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(result.notes()).anyMatch(n -> n.contains("no model"));
    }

    @Test
    void shouldFindNothingInEqualRunsAndGiveNoZeroASign(@TempDir Path folder) throws Exception {
        var one = cell("one", .80, .81, .82, .83, .80, .81);
        var result = StudyResult.of(study(one, cell("other", .80, .81, .82, .83, .80, .81)));
        assertThat(result.changes().get(0).verdict().kind()).isEqualTo(Kind.EQUAL);
        assertThat(result.changes().get(0).corrected()).isEqualTo(1);
        Path page = new StudyReport(result, blob -> folder, List.of()).write(folder);
        assertThat(Files.readString(page))
                .contains("equal in every sample")
                .doesNotContain("-0.0000")
                .doesNotContain("+0.0000");
    }

    @Test
    void shouldCallNothingBetterOnTwoSamplesHoweverFarApart() {
        var change = change(cell("low", .1, .1), cell("high", .9, .9));
        assertThat(change.verdict().kind()).isEqualTo(Kind.UNDECIDED);
    }

    @Test
    void shouldTakeWhatIsNoNumberForNotMeasured() {
        var nothing =
                new Cell(
                        "none",
                        "",
                        "run",
                        cell("x", .8, .8).samples().stream()
                                .map(
                                        s ->
                                                with(
                                                        s,
                                                        128,
                                                        Map.of(
                                                                METRIC,
                                                                Measurement.of(Double.NaN, 1))))
                                .toList());
        var result = StudyResult.of(study(cell("low", .8, .8), nothing));
        assertThat(result.changes().get(0).verdict().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(result.notes()).anyMatch(n -> n.contains("the formula gives NaN"));
    }

    @Test
    void shouldCompareStepByStepInAnIncrementalStudy() {
        var data =
                new StudyData(
                        "s",
                        "",
                        "a",
                        true,
                        List.of(METRIC),
                        List.of(cell("a", .8, .8), cell("b", .8, .9), cell("c", .9, .9)));
        var result = StudyResult.of(data);
        assertThat(result.steps().stream().map(c -> c.cell() + c.against()))
                .containsExactly("ba", "cb");
    }

    @Test
    void shouldFindWhatBecameWorseSinceAnEarlierStudy(@TempDir Path folder) {
        var before =
                study(
                        cell("a", .80, .81, .82, .83, .80, .81),
                        cell("b", .90, .91, .93, .92, .90, .91));
        before.write(folder.resolve("study.json"));
        var read = StudyData.read(folder.resolve("study.json"));
        assertThat(read).isEqualTo(before);
        var now =
                study(
                        cell("a", .80, .81, .82, .83, .80, .81),
                        cell("b", .80, .81, .83, .81, .80, .82));
        var worse = StudyResult.worse(StudyResult.against(now, read));
        assertThat(worse.stream().map(CellChange::cell)).containsExactly("b");
        assertThat(StudyResult.worse(StudyResult.against(before, read))).isEmpty();
        assertThatThrownBy(() -> StudyData.read(folder.resolve("none.json")))
                .hasMessageContaining("no file");
    }

    /** A hundred configurations of six samples. */
    @Test
    void shouldReportAHundredConfigurationsInSeconds(@TempDir Path folder) throws Exception {
        var cells = new ArrayList<Cell>();
        var random = new java.util.SplittableRandom(5);
        for (int c = 0; c < 100; c++) {
            double[] values = random.doubles(6, .8, .95).toArray();
            cells.add(cell("cell " + c, values));
        }
        // Of this thread: what else runs on the machine is no matter of the report's.
        var clock = ManagementFactory.getThreadMXBean();
        long begin = clock.getCurrentThreadCpuTime();
        var data = new StudyData("s", "", "cell 0", false, List.of(METRIC), cells);
        Path page = new StudyReport(StudyResult.of(data), blob -> folder, List.of()).write(folder);
        assertThat((clock.getCurrentThreadCpuTime() - begin) / 1e9).isLessThan(15);
        assertThat(Files.readString(page)).contains("cell 99").doesNotContain("http://");
        assertThat(Files.readAllLines(folder.resolve("samples.csv"))).hasSize(601);
    }

    private static CellChange change(Cell baseline, Cell other) {
        return StudyResult.of(study(baseline, other)).changes().get(0);
    }

    private static StudyData study(Cell baseline, Cell other) {
        return new StudyData(
                "s", "", baseline.name(), false, List.of(METRIC), List.of(baseline, other));
    }

    private static StudySample with(StudySample s, int width, Map<String, Measurement> figures) {
        return new StudySample(s.id(), s.prompt(), null, 1, null, figures, width, 128, 17, 1, 0);
    }

    static Cell cell(String name, double... values) {
        var samples = new ArrayList<StudySample>();
        for (int i = 0; i < values.length; i++) {
            var figures = new LinkedHashMap<String, Measurement>();
            figures.put(METRIC, Measurement.of(values[i], 1));
            samples.add(new StudySample("s" + i, "", null, 1, null, figures, 128, 128, 17, 2, 0));
        }
        return new Cell(name, "", "run-" + name, samples);
    }
}
