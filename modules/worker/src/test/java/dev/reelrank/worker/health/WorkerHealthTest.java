package dev.reelrank.worker.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WorkerHealthTest {
    @Test
    void shouldNotBeReadyWhileTheClusterDoesNotAnswerThoughTheProcessIsWell() {
        assertAway("cluster");
    }

    @Test
    void shouldNotBeReadyWhileTheStoreDoesNotAnswerThoughThereIsNoWork() {
        assertAway("store");
    }

    private static void assertAway(String what) {
        var states = Map.of("prompt", WorkerState.POLLING);
        assertThat(WorkerHealth.ready(states, Map.of(what, Duration.ofSeconds(3))).status())
                .isEqualTo(200);
        var away = WorkerHealth.ready(states, Map.of(what, Duration.ofSeconds(31)));
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.text()).contains("\"" + what + "\": \"no answer for 31 s\"");
        assertThat(WorkerHealth.live(Map.of("prompt", false)).status()).isEqualTo(200);
    }

    @Test
    void shouldNotBeLiveWhileItsWorkHangs() {
        var page = WorkerHealth.live(Map.of("prompt", false, "grade", true));
        assertThat(page.status()).isEqualTo(503);
        assertThat(page.text()).isEqualTo("{\"grade\": \"stalled\", \"prompt\": \"live\"}\n");
    }
}
