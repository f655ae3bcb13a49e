package dev.reelrank.flow.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.streams.KafkaStreams.State;
import org.junit.jupiter.api.Test;

final class FlowHealthTest {
    private static final Duration NOW = Duration.ofSeconds(2);

    @Test
    void shouldNotBeReadyWhileTheQuorumIsLostThoughItHasNothingToDo() {
        assertThat(FlowHealth.ready(State.RUNNING, null, NOW).status()).isEqualTo(200);
        var lost = FlowHealth.ready(State.RUNNING, null, Duration.ofSeconds(31));
        assertThat(lost.status()).isEqualTo(503);
        assertThat(lost.text()).contains("RUNNING, but the cluster has not answered for 31 s");
    }

    @Test
    void shouldNotBeReadyWhileItIsRebalancing() {
        assertThat(FlowHealth.ready(State.REBALANCING, null, NOW).status()).isEqualTo(503);
        assertThat(FlowHealth.ready(State.CREATED, null, NOW).status()).isEqualTo(503);
    }

    @Test
    void shouldSayWhyItIsPaused() {
        var paused = FlowHealth.ready(State.RUNNING, "at a newer schema", NOW);
        assertThat(paused.status()).isEqualTo(503);
        assertThat(paused.text()).contains("at a newer schema");
    }

    @Test
    void shouldAskForARestartOnlyWhenKafkaStreamsHasFailed() {
        assertThat(FlowHealth.live(State.REBALANCING).status()).isEqualTo(200);
        assertThat(FlowHealth.live(State.ERROR).status()).isEqualTo(503);
        assertThat(FlowHealth.live(State.PENDING_ERROR).status()).isEqualTo(503);
    }
}
