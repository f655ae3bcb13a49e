package dev.reelrank.bus.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
final class LocalSecretIT {
    @TempDir Path folder;

    @Test
    void aBrokerWithASecretAnswersOnlyWhoCanReadIt() throws Exception {
        new BrokerFolder(folder).askForSecret();
        for (String file : new String[] {"secret", "client.properties"}) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(folder.resolve(file))))
                    .isEqualTo("rw-------");
        }
        try (var broker = EmbeddedBroker.start(folder)) {
            new TopicSetup(broker.connection()).ensure(1);
            Connection.of(broker.connection().bootstrap(), folder.resolve("client.properties"))
                    .check(Duration.ofSeconds(30));
            assertThatThrownBy(
                            () ->
                                    Connection.to(broker.connection().bootstrap())
                                            .check(Duration.ofSeconds(3)))
                    .isInstanceOf(StageException.class);
            broker.kill();
        }
        // A killed one is given up by its controller, which asks for the secret as well.
        try (var again = EmbeddedBroker.start(folder)) {
            assertThat(new TopicSetup(again.connection()).states()).isNotEmpty();
        }
    }

    @Test
    void aRunningBrokerThatAnswersEverybodyIsNamed() {
        try (var broker = EmbeddedBroker.start(folder)) {
            assertThatThrownBy(() -> new BrokerFolder(folder).askForSecret())
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("answers every local user");
            assertThat(broker.connection().settings()).isEmpty();
        }
    }
}
