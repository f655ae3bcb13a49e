package dev.reelrank.flow.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class FlowCommandTest {
    @ParameterizedTest
    @CsvSource({
        "--threads,0,1 to 64",
        "--partitions,0,at least 1",
        "--tune-every,0,at least 1",
        "--commit-interval,1ms,at least 10ms",
        "--commit-interval,1m,at most 5s",
        "--look-every,1ms,at least 100ms",
        "--trim-every,1ms,at least 100ms"
    })
    void shouldNameTheOptionThatIsOutOfRange(String option, String value, String range) {
        assertThat(failure("--bootstrap", "127.0.0.1:1", option, value))
                .satisfies(e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining(option)
                .hasMessageContaining(range);
    }

    @Test
    void shouldSayHowToNameACluster() {
        assertThat(failure()).hasMessageContaining("--bootstrap HOST:PORT");
    }

    @Test
    void shouldNameASettingsFileThatCannotBeRead(@TempDir Path folder) {
        assertThat(failure("--kafka-config", folder.resolve("none").toString()))
                .hasMessageContaining("none")
                .hasMessageContaining("--kafka-config must be a properties file");
    }

    @Test
    void shouldReadTimes() {
        var times = new TimeConverter();
        assertThat(times.convert("50ms")).isEqualTo(Duration.ofMillis(50));
        assertThat(times.convert("30s")).isEqualTo(Duration.ofSeconds(30));
        assertThat(times.convert("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(times.convert("2h")).isEqualTo(Duration.ofHours(2));
        assertThat(times.convert("7d")).isEqualTo(Duration.ofDays(7));
        for (var none : List.of("", "5", "-1s", "1.5s", "s", "5 years")) {
            assertThatThrownBy(() -> times.convert(none)).hasMessageContaining("for example 50ms");
        }
    }

    private static StageException failure(String... arguments) {
        var thrown = new ArrayList<StageException>();
        var line = new CommandLine(new FlowCommand());
        line.setErr(new PrintWriter(new StringWriter()));
        line.setExecutionExceptionHandler(
                (e, command, parsed) -> {
                    thrown.add((StageException) e);
                    return 2;
                });
        assertThat(line.execute(arguments)).isEqualTo(2);
        assertThat(thrown).hasSize(1);
        return thrown.get(0);
    }
}
