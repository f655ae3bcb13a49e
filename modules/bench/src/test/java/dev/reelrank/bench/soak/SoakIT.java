package dev.reelrank.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first seconds of a soak. */
@Timeout(180)
final class SoakIT {
    @TempDir Path folder;

    @Test
    void shouldKeepAFarmBusyAndSampleTheMemoryOfEveryProcess() throws Exception {
        try (var run = SoakRun.start(folder)) {
            var outcome = run.run(Duration.ofSeconds(11), Duration.ofSeconds(4));
            assertThat(outcome.samples()).isGreaterThanOrEqualTo(10);
            assertThat(outcome.memory())
                    .containsOnlyKeys("broker", "flow", "prompt", "candidate", "ranking", "grade");
            outcome.memory()
                    .forEach(
                            (name, memory) -> {
                                assertThat(memory.processes()).as(name).isEqualTo(1);
                                assertThat(memory.fromMib()).as(name).isBetween(20.0, 1000.0);
                            });
        }
    }
}
