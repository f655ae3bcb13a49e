package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.cli.CommandLines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart, as programs see it that others use to check charts. None of them needs a cluster. */
final class ChartToolsIT {
    static List<String> values() {
        return Chart.VALUES;
    }

    @ParameterizedTest
    @MethodSource("values")
    void shouldSatisfyKubeconform(String values) throws Exception {
        var kubeconform = Tool.require("kubeconform");
        var chart = Chart.render(Chart.values(values));

        var answer =
                kubeconform.run(
                        chart.text(),
                        Chart.HOME,
                        List.of(
                                "-strict",
                                "-summary",
                                "-schema-location",
                                Schemas.FOLDER + "/{{ .ResourceKind }}{{ .KindSuffix }}.json"));

        assertThat(answer.text())
                .contains(
                        "Valid: %d, Invalid: 0, Errors: 0, Skipped: 0"
                                .formatted(chart.resources().size()));
        assertThat(answer.code()).isZero();
    }

    /**
     * Left out are a limit of CPU, which only slows loading, and that images are pulled always,
     * which tags of releases do not need.
     */
    @ParameterizedTest
    @MethodSource("values")
    void shouldSatisfyKubeScore(String values) throws Exception {
        var score = Tool.require("kube-score");

        var answer =
                score.run(
                        Chart.render(Chart.values(values)).text(),
                        Chart.HOME,
                        List.of(
                                "score",
                                "--kubernetes-version",
                                "v1.34",
                                "--ignore-container-cpu-limit",
                                "--ignore-test",
                                "container-image-pull-policy",
                                "--output-format",
                                "ci",
                                "-"));

        assertThat(answer.text().lines().filter(line -> !line.matches("\\[(OK|SKIPPED)] .*")))
                .isEmpty();
        assertThat(answer.code()).isZero();
    }

    /** The tests' own Helm is of version 3. */
    @ParameterizedTest
    @MethodSource("values")
    void shouldRenderTheSameWithHelm4(String values) throws Exception {
        var helm = Tool.require("helm");

        var lint =
                helm.run(
                        null,
                        Chart.FOLDER,
                        List.of("lint", ".", "--strict", "-f", Chart.values(values).toString()));
        assertThat(lint.code()).as(lint.text()).isZero();
        var answer =
                helm.run(
                        null,
                        Chart.FOLDER,
                        List.of(
                                "template",
                                "farm",
                                ".",
                                "--namespace",
                                "video",
                                "--kube-version",
                                "1.34",
                                "-f",
                                Chart.values(values).toString()));
        assertThat(answer.code()).as(answer.text()).isZero();
        // The library leaves out the job of `helm test`.
        var hooks =
                Chart.documents(answer.text()).stream()
                        .filter(r -> r.at("/metadata/annotations").has("helm.sh/hook"))
                        .toList();
        var rendered = new ArrayList<>(Chart.documents(answer.text()));
        rendered.removeAll(hooks);
        assertThat(rendered)
                .containsExactlyInAnyOrderElementsOf(
                        Chart.render(Chart.values(values)).resources());
        assertThat(hooks).hasSize(1);
        assertThat(RestrictedPods.faults(Chart.pod(hooks.get(0)))).isEmpty();
        var command = Chart.texts(Chart.pod(hooks.get(0)).at("/containers/0/command"));
        var arguments = new ArrayList<>(command.subList(3, command.size()));
        arguments.addAll(List.of("--kafka-config", "file", "--store", "/data/store"));
        CommandLines.root().parseArgs(arguments.toArray(String[]::new));
    }
}
