package dev.reelrank.bus.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What of deploy/compose.yaml can be checked without a container engine. */
class DeploymentTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("basedir", ".")).resolve("../../deploy").normalize();

    @Test
    void shouldGiveKafkaSettingsThatItKnowsAndAccepts() throws IOException {
        Properties settings = kafka();

        assertThat(AbstractKafkaConfig.CONFIG_DEF.names())
                .containsAll(settings.stringPropertyNames());
        // Also checks them against each other, for example minima against values.
        KafkaConfig config = KafkaConfig.fromProps(settings);
        assertThat(config.shareGroupConfig().shareGroupPartitionMaxRecordLocks())
                .isLessThanOrEqualTo(10_000);
    }

    @Test
    void shouldSetUpShareGroupsAsTheEmbeddedBrokerDoes() throws IOException {
        Properties embedded =
                BrokerSettings.of(new BrokerFolder(FOLDER), new BrokerFolder.Ports(1, 2));
        for (String name : kafka().stringPropertyNames()) {
            if (name.startsWith("group.")) {
                assertThat(kafka().getProperty(name)).as(name).isEqualTo(embedded.get(name));
            }
        }
    }

    private static Properties kafka() throws IOException {
        var compose = (Map<?, ?>) load();
        var services = (Map<?, ?>) compose.get("services");
        var kafka = (Map<?, ?>) services.get("kafka");
        var settings = new Properties();
        ((Map<?, ?>) kafka.get("environment"))
                .forEach(
                        (name, value) ->
                                settings.put(
                                        name.toString()
                                                .replaceFirst("^KAFKA_", "")
                                                .replace('_', '.')
                                                .toLowerCase(Locale.ROOT),
                                        value.toString()));
        return settings;
    }

    private static Object load() throws IOException {
        try (var in = Files.newInputStream(FOLDER.resolve("compose.yaml"))) {
            return new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build())
                    .loadFromInputStream(in);
        }
    }
}
