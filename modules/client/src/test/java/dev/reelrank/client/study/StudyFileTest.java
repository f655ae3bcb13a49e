package dev.reelrank.client.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.client.study.PlannedCell.Choose;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyFileTest {
    @Test
    void shouldCrossTheParametersOfAMatrix() {
        var plan =
                StudyFile.parse(
                        "s.yaml",
                        """
                        name: s
                        preset: lightning-4step
                        baseline: steps=4 seeds=[1, 2]
                        matrix:
                          candidate.steps: [4, 8]
                          candidate.seeds: [[1, 2], [3]]
                        """);
        assertThat(plan.cells().stream().map(PlannedCell::name))
                .containsExactly(
                        "steps=4 seeds=[1, 2]",
                        "steps=4 seeds=[3]",
                        "steps=8 seeds=[1, 2]",
                        "steps=8 seeds=[3]");
        var last = plan.cells().get(3).configuration().candidate();
        assertThat(last.steps()).isEqualTo(8);
        assertThat(last.seeds()).containsExactly(3L);
    }

    @Test
    void shouldBuildEachIncrementalCellOnTheOneBefore() {
        var plan =
                StudyFile.parse(
                        "s.yaml",
                        """
                        name: s
                        incremental: true
                        set: {candidate.steps: 2}
                        cells:
                          - {name: a}
                          - {name: b, set: {prompt.mode: none}}
                          - {name: c, choose: metrics}
                        """);
        var last = plan.cells().get(2);
        assertThat(last.configuration().prompt().mode()).isEqualTo("none");
        assertThat(last.configuration().candidate().steps()).isEqualTo(2);
        assertThat(last.choose()).isEqualTo(Choose.METRICS);
        assertThat(plan.baseline()).isEqualTo("a");
        assertThat(last.settings()).isEqualTo("choose=metrics");
    }

    @Test
    void shouldGiveEqualConfigurationsOneRun() {
        var plan =
                StudyFile.parse(
                        "s.yaml",
                        "{name: s, cells: [{name: a}, {name: b, choose: metrics}, {name: c, set:"
                                + " {candidate.steps: 3}}]}");
        var ids = plan.cells().stream().map(c -> c.runId(List.of("x"), "d")).toList();
        assertThat(ids.get(0)).isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
        assertThat(plan.cells().get(0).runId(List.of("y"), "d")).isNotEqualTo(ids.get(0));
    }

    @Test
    void shouldNameWhatIsWrong() {
        refused("{nam: s}", "has no key 'nam'; did you mean 'name'");
        refused("{name: s, cells: [{name: a, sett: {}}]}", "did you mean 'set'");
        refused("{name: s, cells: [{name: a}]}", "at least two configurations");
        refused("{name: s, cells: [{name: a}, {name: a}]}", "two configurations are named 'a'");
        refused(
                "{name: s, baseline: x, cells: [{name: a}, {name: b}]}",
                "the baseline 'x' is none of its configurations");
        refused(
                "{name: s, cells: [{name: a}, {name: b, set: {candidate.step: 4}}]}",
                "configuration 'b'");
        refused("{name: s, matrix: {candidate.steps: 4}}", "must be a list of values");
        refused("{name: s, choose: luck, cells: []}", "it must be ranking or metrics");
        refused("[1, 2]", "must be a mapping");
        refused("{name: s, cells: [", "is not YAML");
        assertThatThrownBy(() -> StudyFile.read("step")).hasMessageContaining("steps");
    }

    static List<String> readyMade() {
        return StudyFile.READY_MADE;
    }

    @ParameterizedTest
    @MethodSource("readyMade")
    void shouldReadTheReadyMadeStudies(String name) {
        var plan = StudyFile.read(name);
        assertThat(plan.name()).isEqualTo(name);
        assertThat(plan.question()).endsWith("?");
    }

    private static void refused(String yaml, String message) {
        assertThatThrownBy(() -> StudyFile.parse("s.yaml", yaml))
                .hasMessageContaining("s.yaml")
                .hasMessageContaining(message);
    }
}
