package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerRestartIT {
    private static final EventCodec CODEC = new EventCodec();
    private static final Duration LONG = Duration.ofSeconds(40);

    @TempDir Path folder;

    @Test
    void shouldLoseNothingAndRepeatNothingWhenTheBrokerIsKilledUnderATask() throws Exception {
        EmbeddedBroker first = EmbeddedBroker.start(folder);
        Connection connection = first.connection();
        new TopicSetup(connection).ensure(1);
        var settings = new QueueSettings("worker", Duration.ofSeconds(5));
        try (var publisher = new EventPublisher(connection, CODEC);
                var queue = WorkQueue.open(connection, CODEC, StageName.PROMPT, settings)) {
            publisher.publish(List.of(Work.prompt("a"), Work.prompt("b"), Work.prompt("c")));
            List<Delivery> held = queue.take(2, LONG);
            assertThat(held).hasSize(2);

            first.kill();
            assertThat(held.get(0).accept()).isFalse();
            try (EmbeddedBroker second = EmbeddedBroker.start(folder)) {
                assertThat(second.process().isAlive()).isTrue();
                for (int i = 0; i < 100 && !held.get(1).lost(); i++) {
                    Thread.sleep(200);
                }
                assertThat(held.get(1).lost()).isTrue();
                // The task went on and is done now.
                assertThat(held.get(1).accept()).isFalse();
                publisher.publish(Work.prompt("d"));

                var later = new ArrayList<String>();
                while (later.size() < 2) {
                    List<Delivery> taken = queue.take(2, LONG);
                    assertThat(taken).isNotEmpty();
                    for (Delivery d : taken) {
                        later.add(d.work().work().workId());
                        assertThat(d.accept()).isTrue();
                    }
                }
                assertThat(later).containsExactly("c", "d");
                assertThat(queue.take(2, Duration.ofSeconds(1))).isEmpty();
                try (var view = new QueueView(connection)) {
                    assertThat(view.owed(StageName.PROMPT).empty()).isTrue();
                }
            }
        }
    }
}
