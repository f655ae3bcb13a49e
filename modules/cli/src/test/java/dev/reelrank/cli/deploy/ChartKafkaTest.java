package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.bus.Right;
import dev.reelrank.bus.Rights;
import dev.reelrank.bus.Role;
import dev.reelrank.bus.TopicSpec;
import dev.reelrank.bus.Topics;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the chart says of Kafka: topics, share groups, rights and the settings of clients. */
final class ChartKafkaTest {
    private static Chart chart;

    @BeforeAll
    static void render() {
        chart = Chart.render(Chart.values("strimzi-keda"));
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
        var rendered = chart.of("KafkaTopic").toList();
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
        var kafka = chart.one("Kafka", "reelrank-kafka").at("/spec/kafka/config");
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
        assertThat(writable("client"))
                .containsExactly("team-a.requests", "team-a.selections", "team-a.submissions");
        assertThat(writable("studio"))
                .containsExactly("team-a.selections", "team-a.submissions", "team-a.votes");
        assertThat(writable("reader")).isEmpty();
        // It repairs nothing, so it alters nothing.
        assertThat(chart.one("KafkaUser", "farm-reelrank-flow").toString())
                .doesNotContain("\"All\"", "Alter");
        assertThat(writable("worker-candidate"))
                .containsExactly("team-a.progress", "team-a.results.candidate");
        assertThat(writable("worker-grade"))
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
                chart.one("ConfigMap", "farm-reelrank-kafka")
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

    private static Set<String> writable(String role) {
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
}
