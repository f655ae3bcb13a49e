package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dashboards and alerts as files. That their metrics exist is asked of a farm: WholeSample. */
final class WatchingTest {
    private static final Path FILES = Chart.FOLDER.resolve("files");

    /** Of other exporters: NVIDIA's and the kubelet's. */
    private static final Pattern FOREIGN =
            Pattern.compile(
                    "DCGM_FI_(?:DEV_(?:FB_USED|FB_FREE|XID_ERRORS|POWER_USAGE)"
                            + "|PROF_(?:GR_ENGINE_ACTIVE|PIPE_TENSOR_ACTIVE))"
                            + "|kubelet_volume_stats_(?:available|capacity)_bytes");

    @Test
    void shouldHaveDashboardsThatDependOnNoInstallation() throws IOException {
        var titles = new HashSet<String>();
        for (var file : dashboards()) {
            var board = new ObjectMapper().readTree(file.toFile());
            var name = file.getFileName().toString().replace(".json", "");
            assertThat(board.path("uid").asText()).isEqualTo("reelrank-" + name);
            assertThat(board.has("id")).as("an id of one Grafana").isFalse();
            assertThat(titles.add(board.path("title").asText())).isTrue();
            var ids = new HashSet<Integer>();
            for (var panel : board.path("panels")) {
                assertThat(ids.add(panel.path("id").asInt())).isTrue();
                assertThat(panel.path("title").asText()).isNotBlank();
                if (!panel.path("type").asText().equals("row")) {
                    assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
                    assertThat(panel.path("targets")).as(panel.path("title").asText()).isNotEmpty();
                }
            }
            assertThat(overlaps(board)).as(name).isEmpty();
        }
        assertThat(titles)
                .containsExactlyInAnyOrder(
                        "Reelrank / Farm",
                        "Reelrank / Stage",
                        "Reelrank / Run",
                        "Reelrank / Training");
    }

    @Test
    void shouldNameOnlyKnownMetricsOfOtherExporters() throws IOException {
        var text = new StringBuilder(Files.readString(FILES.resolve("alerts.yaml")));
        for (var file : dashboards()) {
            text.append(Files.readString(file));
        }
        assertThat(
                        Pattern.compile("\\b(?:DCGM|kube|kubelet|node|container)_\\w+")
                                .matcher(text)
                                .results()
                                .map(m -> m.group()))
                .isNotEmpty()
                .allMatch(metric -> FOREIGN.matcher(metric).matches());
    }

    /** A page of the runbook, and a test for when it fires and when not. */
    @Test
    void shouldHaveARunbookEntryAndTestsForEachAlert() throws IOException {
        var runbook = Files.readString(Chart.HOME.resolve("docs/runbook.md"));
        var tests = Files.readString(Chart.FOLDER.resolve("ci/alerts-test.yaml"));
        var alerts = alerts();
        assertThat(alerts).hasSizeGreaterThan(15);
        for (var alert : alerts) {
            var name = alert.path("alert").asText();
            assertThat(runbook).contains("\n## " + name + "\n");
            assertThat(alert.at("/annotations/runbook_url").asText())
                    .isEqualTo("docs/runbook.md#" + name.toLowerCase(Locale.ROOT));
            assertThat(alert.at("/annotations/summary").asText()).isNotBlank();
            assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning");
            assertThat(tests).contains(name + " fires", name + " is quiet: ");
        }
        var entries = Pattern.compile("(?m)^## (Reelrank\\w+)$").matcher(runbook).results().count();
        assertThat(entries).as("entries without an alert").isEqualTo(alerts.size());
    }

    @Test
    void shouldCarryRulesAndDashboardsIntoTheCluster() throws IOException {
        var chart = Chart.render(Chart.values("strimzi-keda"));
        var rule = chart.one("PrometheusRule", "farm-reelrank");
        var rules = new ArrayList<JsonNode>();
        rule.at("/spec/groups").forEach(group -> group.path("rules").forEach(rules::add));
        assertThat(rules).isEqualTo(alerts());
        for (var file : dashboards()) {
            var name = file.getFileName().toString();
            var map =
                    chart.one("ConfigMap", "farm-reelrank-dashboard-" + name.replace(".json", ""));
            assertThat(new ObjectMapper().readTree(map.at("/data").path(name).asText()))
                    .isEqualTo(new ObjectMapper().readTree(file.toFile()));
            assertThat(map.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
        }
    }

    static List<JsonNode> alerts() throws IOException {
        var alerts = new ArrayList<JsonNode>();
        Chart.yaml(FILES.resolve("alerts.yaml"))
                .path("groups")
                .forEach(group -> group.path("rules").forEach(alerts::add));
        return alerts;
    }

    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(FILES.resolve("dashboards"))) {
            return files.sorted().toList();
        }
    }

    private static List<String> overlaps(JsonNode board) {
        var taken = new HashSet<String>();
        var twice = new ArrayList<String>();
        for (var panel : board.path("panels")) {
            var at = panel.path("gridPos");
            assertThat(at.path("x").asInt() + at.path("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    var cell = (at.path("x").asInt() + x) + "," + (at.path("y").asInt() + y);
                    if (!taken.add(cell)) {
                        twice.add(panel.path("title").asText() + " at " + cell);
                    }
                }
            }
        }
        return twice;
    }
}
