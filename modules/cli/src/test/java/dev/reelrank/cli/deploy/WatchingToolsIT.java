package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and queries, as Prometheus' own program sees them. */
final class WatchingToolsIT {
    @Test
    void shouldFireAndBeQuietAsTheirTestsSay() throws Exception {
        var promtool = Tool.require("promtool");

        var answer =
                promtool.run(
                        null,
                        Chart.FOLDER.resolve("ci"),
                        List.of("test", "rules", "alerts-test.yaml"));

        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.text()).contains("SUCCESS");
    }

    /** From no worker to the first, and no further while one long item is all there is. */
    @Test
    void shouldScaleByWhatNoWorkerHasYet() throws Exception {
        var promtool = Tool.require("promtool");
        var tests = Files.readString(Chart.FOLDER.resolve("ci/scaling-test.yaml"));
        for (var trigger :
                Chart.render(Chart.values("strimzi-keda"))
                        .one("ScaledObject", "farm-reelrank-candidate")
                        .at("/spec/triggers")) {
            assertThat(tests).contains("expr: " + trigger.at("/metadata/query").asText() + "\n");
        }

        var answer =
                promtool.run(
                        null,
                        Chart.FOLDER.resolve("ci"),
                        List.of("test", "rules", "scaling-test.yaml"));

        assertThat(answer.code()).as(answer.text()).isZero();
    }

    /** Each query of a dashboard as a rule: promtool reads no dashboards. */
    @Test
    void shouldAskPrometheusOnlyWhatItUnderstands(@TempDir Path folder) throws Exception {
        var promtool = Tool.require("promtool");
        var rules = new ArrayList<Map<String, String>>();
        for (var query : queries()) {
            rules.add(Map.of("record", "query:n" + rules.size(), "expr", query));
        }
        var file = folder.resolve("queries.yaml");
        // JSON is YAML.
        new ObjectMapper()
                .writeValue(
                        file.toFile(),
                        Map.of("groups", List.of(Map.of("name", "queries", "rules", rules))));

        var answer = promtool.run(null, folder, List.of("check", "rules", file.toString()));

        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.text()).contains(rules.size() + " rules found");
        assertThat(rules).hasSizeGreaterThan(50);
    }

    private static List<String> queries() throws IOException {
        var queries = new ArrayList<String>();
        for (var file : WatchingTest.dashboards()) {
            for (var panel : new ObjectMapper().readTree(Files.readString(file)).path("panels")) {
                for (var target : panel.path("targets")) {
                    queries.add(
                            target.path("expr")
                                    .asText()
                                    .replaceAll("\\$(namespace|stage|run)", ".*"));
                }
            }
        }
        return queries;
    }
}
