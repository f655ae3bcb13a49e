package dev.reelrank.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.cluster.BrokerCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers with three replicas, two flows, workers: a few faults. {@code bench chaos --brokers
 * 3} injects all of them, often.
 */
@Timeout(300)
final class ThreeBrokersIT {
    @TempDir Path folder;

    @Test
    void shouldLoseNothingWhenTheBrokerThatLeadsDies() throws Exception {
        try (var run = ChaosRun.start(folder, 1, 3, 2, 1, 0.4)) {
            var faults = new ArrayList<>(List.of(Fault.KILL_FLOW_COORDINATOR, Fault.KILL_FLOW));
            if (run.farm().cluster().map(BrokerCluster::canCut).orElse(false)) {
                faults.add(Fault.CUT_BROKER);
            } else {
                faults.add(Fault.KILL_QUEUE_COORDINATOR);
            }
            run.inject(faults);
            var ledger = run.settle(Duration.ofSeconds(120)).ledger();
            assertThat(ledger.lost()).isEmpty();
            assertThat(ledger.duplicates()).isEmpty();
            assertThat(ledger.halfWritten()).isEmpty();
        }
    }
}
