package dev.reelrank.worker.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class WorkerOptionsTest {
    private static WorkerOptions options(String... args) {
        return CommandLine.populateCommand(new WorkerOptions(), args);
    }

    @Test
    void shouldHaveTheDefaultsOfTheDocumentation() {
        var options = options();
        assertThat(options.loop()).isEqualTo(LoopSettings.defaults());
        assertThat(options.drainTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(options.device().toString()).isEqualTo("cpu");
        assertThat(options.metricsHost()).isEqualTo("127.0.0.1");
    }

    @Test
    void shouldReadEveryDuration() {
        assertThat(options("--give-up", "250ms").loop().giveUp()).isEqualTo(Duration.ofMillis(250));
        assertThat(options("--give-up", "90").loop().giveUp()).isEqualTo(Duration.ofSeconds(90));
        assertThat(options("--give-up", "1.5m").loop().giveUp()).isEqualTo(Duration.ofSeconds(90));
        assertThat(options("--give-up", "2h").loop().giveUp()).isEqualTo(Duration.ofHours(2));
        assertThatThrownBy(() -> options("--give-up", "soon")).hasMessageContaining("soon");
    }

    @Test
    void shouldTakeStoreAndLeasesFromTheDataFolder() {
        var options = options("--data", "/farm");
        assertThat(options.store()).isEqualTo("/farm/store");
        assertThat(options.leaseDir()).isEqualTo(Path.of("/farm/leases"));
    }

    @Test
    void shouldSayWhatIsMissing(@TempDir Path empty) {
        assertThatThrownBy(() -> options().store()).hasMessageContaining("--store");
        assertThatThrownBy(() -> options().connection(Duration.ZERO))
                .hasMessageContaining("--bootstrap");
        assertThatThrownBy(() -> options("--data", empty.toString()).connection(Duration.ZERO))
                .hasMessageContaining("no broker has run");
        assertThatThrownBy(() -> options("--cores", "0").cores()).hasMessageContaining("--cores");
    }

    @Test
    void shouldNameWorkersByKindHostAndDevice() {
        assertThat(options("--device", "cuda:1").name("generator"))
                .startsWith("generator-")
                .endsWith("-cuda1");
        assertThat(options("--name", "gpu-7").name("generator")).isEqualTo("gpu-7");
    }
}
