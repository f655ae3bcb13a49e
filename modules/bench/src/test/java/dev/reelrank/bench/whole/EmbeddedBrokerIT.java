package dev.reelrank.bench.whole;

import dev.reelrank.bus.broker.EmbeddedBroker;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the broker that comes along. */
final class EmbeddedBrokerIT {
    @TempDir Path folder;

    @Test
    void shouldTakeAWholeSampleThroughInOneTrace() throws Exception {
        try (var broker = EmbeddedBroker.start(folder.resolve("broker"))) {
            new WholeSample(broker.connection(), folder)
                    .shouldGoThroughEveryStageOnceAndInOneTrace();
        }
    }
}
