package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.reelrank.bus.Right;
import dev.reelrank.bus.Rights;
import dev.reelrank.bus.Role;
import dev.reelrank.bus.TopicSpec;
import dev.reelrank.bus.Topics;
import dev.reelrank.cli.CommandLines;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void shouldDeclareTheTopicsThatTheFarmHas() throws IOException {
        var file = Chart.yaml(Chart.FOLDER.resolve("files/topics.yaml"));
        var declared = new HashMap<String, TopicSpec>();
        for (var topic : file.path("topics")) {
            var config = new HashMap<String, String>();
            file.path("all")
                    .fields()
                    .forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
            file.path("kinds")
                    .path(topic.path("kind").asText())
                    .fields()
                    .forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
            var name = topic.path("name").asText();
            declared.put(name, new TopicSpec(name, topic.path("keyed").asBoolean(), config));
        }
        assertThat(declared.values())
                .containsExactlyInAnyOrderElementsOf(new Topics("", Stages.STANDARD).all());

        var topics = new Topics("team-a.", Stages.STANDARD).all();
        var rendered = chart("strimzi-keda").of("KafkaTopic").toList();
        assertThat(rendered.stream().map(t -> t.at("/spec/topicName").asText()))
                .containsExactlyInAnyOrderElementsOf(topics.stream().map(TopicSpec::name).toList());
        for (var topic : rendered) {
            assertThat(topic.at("/spec/config/min.insync.replicas").asText()).isEqualTo("2");
            assertThat(topic.at("/spec/replicas").asInt()).isEqualTo(3);
            var spec =
                    topics.stream()
                            .filter(t -> t.name().equals(topic.at("/spec/topicName").asText()))
                            .findFirst()
                            .orElseThrow();
            assertThat(topic.at("/spec/partitions").asInt()).isEqualTo(spec.keyed() ? 12 : 1);
            spec.config()
                    .forEach(
                            (name, value) ->
                                    assertThat(topic.at("/spec/config").path(name).asText())
                                            .as(name)
                                            .isEqualTo(value));
        }
    }

    /** The compose file's settings are checked with Kafka itself, by DeploymentTest. */
    @Test
    void shouldSetUpShareGroupsAsTheComposeFileDoes() throws IOException {
        var compose =
                Chart.yaml(Chart.HOME.resolve("deploy/compose.yaml"))
                        .at("/services/kafka/environment");
        var kafka = chart("strimzi-keda").one("Kafka", "reelrank-kafka").at("/spec/kafka/config");
        int compared = 0;
        for (var names = compose.fieldNames(); names.hasNext(); ) {
            var name = names.next();
            var property =
                    name.replaceFirst("KAFKA_", "").replace('_', '.').toLowerCase(Locale.ROOT);
            if (property.startsWith("group.") || property.equals("message.max.bytes")) {
                assertThat(kafka.path(property).asText())
                        .as(property)
                        .isEqualTo(compose.path(name).asText());
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(8);
    }

    @Test
    void shouldGrantEachRoleNoMoreThanItNeeds() {
        var chart = chart("strimzi-keda");
        assertThat(writable(chart, "client"))
                .containsExactly("team-a.requests", "team-a.selections", "team-a.submissions");
        assertThat(writable(chart, "studio"))
                .containsExactly("team-a.selections", "team-a.submissions", "team-a.votes");
        assertThat(writable(chart, "reader")).isEmpty();
        // It repairs nothing, so it alters nothing.
        assertThat(chart.one("KafkaUser", "farm-reelrank-flow").toString())
                .doesNotContain("\"All\"", "Alter");
        assertThat(writable(chart, "worker-candidate"))
                .containsExactly("team-a.progress", "team-a.results.candidate");
        assertThat(writable(chart, "worker-grade"))
                .containsExactly("team-a.progress", "team-a.results.grade", "team-a.results.tune");
        var users = chart.of("KafkaUser").map(u -> u.at("/metadata/name").asText()).toList();
        for (var workload : chart.workloads().toList()) {
            for (var volume : Chart.pod(workload).path("volumes")) {
                if (volume.path("name").asText().equals("kafka-user")) {
                    assertThat(users).contains(volume.at("/secret/secretName").asText());
                }
            }
        }
    }

    /** The rights that LeastRightsIT runs a farm with; beyond them only Describe. */
    @Test
    void shouldGrantEachRoleWhatItNeeds() {
        var chart = chart("strimzi-keda");
        var rights = new Rights(new Topics("team-a.", Stages.STANDARD));
        var roles = new TreeMap<String, List<Right>>();
        roles.put("flow", rights.of(Role.FLOW, List.of()));
        roles.put("studio", rights.of(Role.STUDIO, List.of()));
        roles.put("client", rights.of(Role.SUBMITTER, List.of()));
        roles.put("reader", rights.of(Role.READER, List.of()));
        roles.put("json-submitter", rights.of(Role.JSON_SUBMITTER, List.of()));
        roles.put("worker-candidate", rights.of(Role.WORKER, List.of(StageName.CANDIDATE)));
        roles.put("worker-grade", rights.of(Role.WORKER, List.of(StageName.GRADE, StageName.TUNE)));
        roles.forEach(
                (role, needed) -> {
                    var granted = acls(chart.one("KafkaUser", "farm-reelrank-" + role));
                    var wanted = new TreeSet<String>();
                    needed.forEach(
                            right ->
                                    right.operations()
                                            .forEach(
                                                    o ->
                                                            wanted.add(
                                                                    "%s %s %s %s"
                                                                            .formatted(
                                                                                    right.type(),
                                                                                    right.name(),
                                                                                    right
                                                                                            .prefixed(),
                                                                                    o))));
                    var missing = new TreeSet<>(wanted);
                    missing.removeIf(w -> granted.contains(w) || coveredByPrefix(w, granted));
                    assertThat(missing).as("missing of " + role).isEmpty();
                    granted.removeAll(wanted);
                    assertThat(granted)
                            .as("more than %s needs", role)
                            .allMatch(g -> g.endsWith(" DESCRIBE"));
                });
    }

    /** A right on names that begin alike stands for one on each name. */
    private static boolean coveredByPrefix(String wanted, Set<String> granted) {
        var w = wanted.split(" ");
        return granted.stream()
                .map(g -> g.split(" "))
                .anyMatch(
                        g ->
                                g[2].equals("true")
                                        && g[0].equals(w[0])
                                        && w[1].startsWith(g[1])
                                        && g[3].equals(w[3]));
    }

    /** Each as Kafka names it: type, name, whether it is a prefix, operation. */
    private static Set<String> acls(JsonNode user) {
        var acls = new TreeSet<String>();
        for (var acl : user.at("/spec/authorization/acls")) {
            var resource = acl.path("resource");
            for (var operation : Chart.texts(acl.path("operations"))) {
                acls.add(
                        "%s %s %s %s"
                                .formatted(
                                        kafka(resource.path("type").asText()),
                                        resource.path("name").asText(),
                                        resource.path("patternType").asText().equals("prefix"),
                                        kafka(operation)));
            }
        }
        return acls;
    }

    /** AlterConfigs as ALTER_CONFIGS. */
    private static String kafka(String word) {
        return word.replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    /** Kafka's own code reads the file as the processes do. */
    @Test
    void shouldGiveKafkaSettingsThatFindTheSecrets(@TempDir Path folder) throws IOException {
        var text =
                chart("strimzi-keda")
                        .one("ConfigMap", "farm-reelrank-kafka")
                        .at("/data/client.properties")
                        .asText();
        var login =
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";";
        Files.createDirectory(folder.resolve("user"));
        Files.writeString(folder.resolve("user/sasl.jaas.config"), login);
        var properties = new Properties();
        properties.load(new StringReader(text.replace("/etc/reelrank", folder.toString())));
        assertThat(properties.remove("topic.prefix")).isEqualTo("team-a.");

        var config = new AdminClientConfig(properties);

        assertThat(config.getPassword("sasl.jaas.config").value()).isEqualTo(login);
        assertThat(config.getList("bootstrap.servers"))
                .containsExactly("reelrank-kafka-kafka-bootstrap:9093");
        assertThat(config.getString("security.protocol")).isEqualTo("SASL_SSL");
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

    private static Set<String> writable(Chart chart, String role) {
        var topics = new TreeSet<String>();
        for (var acl :
                chart.one("KafkaUser", "farm-reelrank-" + role).at("/spec/authorization/acls")) {
            var operations = Chart.texts(acl.path("operations"));
            if (acl.at("/resource/type").asText().equals("topic")
                    && (operations.contains("Write") || operations.contains("All"))) {
                topics.add(acl.at("/resource/name").asText());
            }
        }
        return topics;
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
