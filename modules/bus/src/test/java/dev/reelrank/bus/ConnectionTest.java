package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Stages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {
    @TempDir Path folder;

    @Test
    void shouldPassEverySettingOfTheFileOnAndTakeTheAddressFromItWhereNoneIsGiven()
            throws Exception {
        Path file = folder.resolve("kafka.properties");
        Files.writeString(
                file,
                "bootstrap.servers=a:1,b:2\nsecurity.protocol=SASL_SSL\ntopic.prefix=team.\n");

        Connection fromFile = Connection.of(null, file);
        assertThat(fromFile.properties())
                .isEqualTo(
                        Map.of(
                                "bootstrap.servers", "a:1,b:2",
                                "security.protocol", "SASL_SSL"));
        assertThat(fromFile.topics().samples()).isEqualTo("team.samples");
        assertThat(Connection.of("c:3", file).bootstrap()).isEqualTo("c:3");
    }

    @Test
    void shouldSayWhatIsMissingWhenNoClusterIsNamed() {
        assertThatThrownBy(() -> Connection.of(null, null))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("--bootstrap");
    }

    @Test
    void shouldNameTheFileThatCannotBeRead() {
        Path missing = folder.resolve("missing.properties");

        assertThatThrownBy(() -> Connection.of("a:1", missing))
                .isInstanceOf(StageException.class)
                .hasMessageContaining(missing.toString());
    }

    @Test
    void shouldNameTheSettingThatKafkaRefuses() {
        var connection =
                new Connection(
                        "localhost:1",
                        Map.of("security.protocol", "NONSENSE"),
                        "",
                        Stages.STANDARD);

        assertThatThrownBy(connection::admin)
                .isInstanceOf(StageException.class)
                .hasMessageContaining("security.protocol")
                .hasMessageContaining("--kafka-config");
    }
}
