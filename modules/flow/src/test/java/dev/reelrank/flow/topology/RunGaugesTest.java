package dev.reelrank.flow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.RunUpdated.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunGaugesTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RunGauges gauges = new RunGauges(registry);

    @Test
    void shouldSayHowFarARunIs() {
        gauges.updated(run("a", Status.OPEN, 0));
        gauges.updated(run("a", Status.CLOSED, 3));

        assertThat(value("a", "expected")).isEqualTo(10);
        assertThat(value("a", "done")).isEqualTo(3);
        assertThat(value("a", "failed")).isEqualTo(1);
    }

    @Test
    void shouldForgetDeletedRunsAndThoseThatChangedLongestAgo() {
        for (int i = 0; i < RunGauges.KEPT; i++) {
            gauges.updated(run("run" + i, Status.CLOSED, i));
        }
        gauges.updated(run("run0", Status.DONE, 10));
        gauges.updated(run("one more", Status.OPEN, 0));
        gauges.updated(run("run5", Status.DELETED, 0));

        assertThat(runs()).hasSize(RunGauges.KEPT - 1).contains("run0", "one more");
        assertThat(runs()).doesNotContain("run1", "run5");
    }

    private List<String> runs() {
        return registry.getMeters().stream().map(m -> m.getId().getTag("run")).distinct().toList();
    }

    private double value(String run, String state) {
        return registry.get("reelrank.run.samples")
                .tags("run", run, "state", state)
                .gauge()
                .value();
    }

    private static RunUpdated run(String id, Status status, int done) {
        return new RunUpdated(
                id,
                status,
                10,
                done,
                1,
                0,
                RunConfiguration.defaults(),
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                List.of());
    }
}
