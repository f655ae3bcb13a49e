package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.reelrank.cli.CommandLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The chart, rendered by Helm's own code with several files of values. No tool is needed. */
final class ChartTest {
    private static final Map<String, Chart> CHARTS = new TreeMap<>();

    @BeforeAll
    static void render() {
        Chart.VALUES.forEach(name -> CHARTS.put(name, Chart.render(Chart.values(name))));
    }

    @Test
    void shouldPassLint() {
        var result = Chart.lint();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    /** The schemas are Kubernetes' and the operators' own; an unknown field is a fault. */
    @Test
    void shouldHoldOnlyResourcesThatTheirSchemasAccept() throws IOException {
        var factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
        var faults = new ArrayList<String>();
        for (var chart : CHARTS.entrySet()) {
            for (var resource : chart.getValue().resources()) {
                var schema = factory.getSchema(schemaOf(resource), InputFormat.JSON);
                schema.validate(resource)
                        .forEach(
                                fault ->
                                        faults.add(
                                                "%s: %s: %s"
                                                        .formatted(
                                                                chart.getKey(),
                                                                Chart.name(resource),
                                                                fault)));
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void shouldStartProcessesWithOptionsThatExist() {
        var started = new TreeSet<String>();
        for (var chart : CHARTS.values()) {
            for (var workload : chart.workloads().toList()) {
                for (var container : Chart.containers(workload).toList()) {
                    if (container.has("command")) {
                        continue;
                    }
                    var arguments = Chart.texts(container.path("args"));
                    var parsed = CommandLines.root().parseArgs(arguments.toArray(String[]::new));
                    started.add(
                            parsed.asCommandLineList().stream()
                                    .skip(1)
                                    .map(c -> c.getCommandName())
                                    .collect(Collectors.joining(" ")));
                }
            }
        }
        assertThat(started)
                .containsExactly(
                        "flow",
                        "models fetch",
                        "studio",
                        "worker align",
                        "worker candidate",
                        "worker grade",
                        "worker prompt",
                        "worker ranking");
    }

    @Test
    void shouldAskForLifeAndReadinessApartAndGiveWorkTimeToEnd() {
        int workers = 0;
        for (var chart : CHARTS.values()) {
            for (var workload : chart.of("Deployment").toList()) {
                var container = Chart.pod(workload).at("/containers/0");
                if (!container.path("name").asText().equals("worker")) {
                    continue;
                }
                workers++;
                assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/live");
                assertThat(container.at("/readinessProbe/httpGet/path").asText())
                        .isEqualTo("/health");
                assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/live");
                assertThat(container.at("/startupProbe/failureThreshold").asInt())
                        .isGreaterThan(60);
                var arguments = Chart.texts(container.path("args"));
                int drain =
                        Integer.parseInt(
                                arguments
                                        .get(arguments.indexOf("--drain-timeout") + 1)
                                        .replace("s", ""));
                // After the drain a worker still has to return what it holds.
                assertThat(Chart.pod(workload).path("terminationGracePeriodSeconds").asInt())
                        .isGreaterThanOrEqualTo(drain + 30);
            }
        }
        assertThat(workers).isGreaterThan(12);
    }

    /** Kubernetes' "restricted" level, rule by rule. Only the lease of a node breaks it. */
    @Test
    void shouldKeepToRestrictedPodSecurity() {
        for (var chart : CHARTS.entrySet()) {
            boolean node = chart.getKey().equals("shared-gpus");
            for (var workload : chart.getValue().workloads().toList()) {
                if (Chart.name(workload).endsWith("-lease")) {
                    assertThat(node).isTrue();
                    continue;
                }
                var faults = RestrictedPods.faults(Chart.pod(workload));
                if (node) {
                    faults.removeIf(fault -> fault.equals("volume leases is a hostPath"));
                }
                assertThat(faults).as("%s: %s", chart.getKey(), Chart.name(workload)).isEmpty();
            }
        }
    }

    @Test
    void shouldKeepSecretsOutOfArgumentsAndVariables() {
        for (var chart : CHARTS.values()) {
            assertThat(chart.of("Secret")).isEmpty();
            for (var workload : chart.workloads().toList()) {
                for (var container : Chart.containers(workload).toList()) {
                    for (var variable : container.path("env")) {
                        assertThat(variable.path("name").asText())
                                .doesNotMatch("HF_TOKEN|AWS_.*|.*PASSWORD.*");
                    }
                }
            }
        }
    }

    @Test
    void shouldCoverEveryPodWithADisruptionBudgetOrHaveOnlyOne() {
        for (var chart : CHARTS.values()) {
            for (var workload : chart.workloads().toList()) {
                var name = workload.at("/metadata/name").asText();
                boolean single =
                        workload.at("/spec/replicas").asInt(1) <= 1
                                && !name.matches(
                                        "farm-reelrank-(prompt|candidate|ranking|grade).*");
                var budget =
                        chart.of("PodDisruptionBudget")
                                .filter(
                                        b ->
                                                b.at("/spec/selector")
                                                        .equals(workload.at("/spec/selector")))
                                .findAny();
                assertThat(single || budget.isPresent()).as(name).isTrue();
                // One that may never be missing would keep its node from being drained.
                budget.ifPresent(
                        b -> assertThat(b.at("/spec/maxUnavailable").asInt()).isEqualTo(1));
            }
        }
    }

    @Test
    void shouldSelectPodsByLabelsThatTheyHave() {
        for (var chart : CHARTS.values()) {
            for (var resource : chart.resources()) {
                var selector = resource.at("/spec/selector");
                var wanted = selector.has("matchLabels") ? selector.path("matchLabels") : selector;
                if (!wanted.isObject() || wanted.has("matchExpressions")) {
                    continue;
                }
                assertThat(
                                chart.workloads()
                                        .map(w -> w.at("/spec/template/metadata/labels"))
                                        .anyMatch(labels -> hasAll(labels, wanted)))
                        .as(Chart.name(resource))
                        .isTrue();
            }
        }
    }

    @Test
    void shouldLetNothingInOrOutThatIsNotNamed() {
        var chart = chart("existing");
        var all = chart.one("NetworkPolicy", "farm-reelrank");
        assertThat(Chart.texts(all.at("/spec/policyTypes"))).contains("Ingress", "Egress");
        for (var workload : chart.workloads().toList()) {
            assertThat(
                            hasAll(
                                    workload.at("/spec/template/metadata/labels"),
                                    all.at("/spec/podSelector/matchLabels")))
                    .as(Chart.name(workload))
                    .isTrue();
        }
        var ports = new TreeSet<Integer>();
        all.at("/spec/egress")
                .forEach(
                        rule -> rule.path("ports").forEach(p -> ports.add(p.path("port").asInt())));
        assertThat(ports).containsExactly(53, 443, 4318, 9092, 9093);
        // Without a bucket, nothing but the job that fetches models talks to the web.
        var volume = chart("strimzi-keda").one("NetworkPolicy", "farm-reelrank");
        assertThat(volume.at("/spec/egress").toString()).doesNotContain("443");
    }

    @Test
    void shouldScaleByTheQueueFromZeroAndToZero() {
        var chart = chart("strimzi-keda");
        var objects = chart.of("ScaledObject").toList();
        assertThat(objects).hasSize(5);
        for (var object : objects) {
            var target = object.at("/spec/scaleTargetRef/name").asText();
            var deployment = chart.one("Deployment", target);
            assertThat(deployment.at("/spec").has("replicas")).as(target).isFalse();
            var stage = deployment.at("/metadata/labels").path("reelrank.dev/stage").asText();
            for (var trigger : object.at("/spec/triggers")) {
                assertThat(trigger.at("/metadata/query").asText())
                        .contains("namespace=\"video\"", "stage=\"" + stage + "\"");
                // Without an answer nothing is scaled in.
                assertThat(trigger.at("/metadata/ignoreNullValues").asText()).isEqualTo("false");
                assertThat(trigger.at("/authenticationRef/name").asText())
                        .isEqualTo("farm-reelrank-prometheus");
            }
        }
        assertThat(minimum(chart, "candidate")).isZero();
        assertThat(minimum(chart, "grade")).isEqualTo(1);
    }

    @Test
    void shouldPutGpusAndFoldersOfTheNodeWhereValuesSay() {
        var candidate = chart("existing").one("Deployment", "farm-reelrank-candidate");
        var container = Chart.pod(candidate).at("/containers/0");
        assertThat(container.at("/resources/limits").path("nvidia.com/gpu").asInt()).isEqualTo(1);
        assertThat(Chart.pod(candidate).at("/nodeSelector").path("nvidia.com/gpu.product").asText())
                .isEqualTo("NVIDIA-H200");
        assertThat(container.path("image").asText()).contains("reelrank@sha256:");
        assertThat(Chart.pod(candidate).path("tolerations").toString()).contains("nvidia.com/gpu");

        var shared = chart("shared-gpus").one("Deployment", "farm-reelrank-candidate");
        assertThat(Chart.pod(shared).path("volumes").toString())
                .contains("/var/lib/reelrank/leases/farm");
        assertThat(Chart.pod(shared).path("runtimeClassName").asText()).isEqualTo("nvidia");
        var ranking = chart("existing").one("Deployment", "farm-reelrank-ranking");
        assertThat(Chart.pod(ranking).toString()).doesNotContain("nvidia.com/gpu");
    }

    private static boolean hasAll(JsonNode labels, JsonNode wanted) {
        for (var names = wanted.fieldNames(); names.hasNext(); ) {
            var name = names.next();
            if (!wanted.path(name).equals(labels.path(name))) {
                return false;
            }
        }
        return true;
    }

    private static int minimum(Chart chart, String worker) {
        return chart.one("ScaledObject", "farm-reelrank-" + worker)
                .at("/spec/minReplicaCount")
                .asInt();
    }

    private static Chart chart(String values) {
        return CHARTS.get(values);
    }

    private static String schemaOf(JsonNode resource) throws IOException {
        var file = Schemas.file(resource);
        assertThat(file).as("schema of %s", Chart.name(resource)).exists();
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
