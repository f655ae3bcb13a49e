package dev.reelrank.bus.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ClusterOptionsTest {
    @TempDir Path folder;
    private Path file;

    @Command
    private static final class Any {
        @Mixin private ClusterOptions cluster = new ClusterOptions();
    }

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("farm.properties"), "bootstrap.servers=a:1,b:2\n");
    }

    @Test
    void theServersOfTheSettingsFileAreTheClusterAndNoPrivateBrokerIs() throws Exception {
        var cluster = parsed("--kafka-config", file.toString(), "--data", folder.toString());
        assertThat(cluster.servers()).isEqualTo("a:1,b:2");
        assertThat(cluster.connection(Duration.ZERO).bootstrap()).isEqualTo("a:1,b:2");
    }

    @Test
    void theOptionStandsAboveTheFile() {
        assertThat(parsed("--kafka-config", file.toString(), "--bootstrap", "c:3").servers())
                .isEqualTo("c:3");
    }

    @Test
    void aFileThatNamesNoServersLeavesTheDataFoldersBroker() throws IOException {
        Files.writeString(file, "security.protocol=SASL_SSL\n");
        assertThat(parsed("--kafka-config", file.toString()).servers()).isNull();
    }

    private static ClusterOptions parsed(String... arguments) {
        var any = new Any();
        new CommandLine(any).parseArgs(arguments);
        return any.cluster;
    }
}
