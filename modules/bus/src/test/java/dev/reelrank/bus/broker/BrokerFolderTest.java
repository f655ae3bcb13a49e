package dev.reelrank.bus.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerFolderTest {
    @TempDir Path folder;

    @Test
    void shouldChooseTwoPortsAndKeepThem() throws IOException {
        var broker = new BrokerFolder(folder);

        var chosen = broker.choosePorts(0);

        assertThat(chosen.port()).isNotEqualTo(chosen.controllerPort());
        assertThat(broker.choosePorts(0)).isEqualTo(chosen);
    }

    @Test
    void shouldRefuseOnePortForClientsAndController() throws IOException {
        Files.writeString(
                folder.resolve("broker.json"), "{\"port\": 40001, \"controllerPort\": 40001}");

        assertThatThrownBy(() -> new BrokerFolder(folder).choosePorts(0))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("broker.json in " + folder)
                .hasMessageContaining("40001")
                .hasMessageContaining("delete it");
    }
}
