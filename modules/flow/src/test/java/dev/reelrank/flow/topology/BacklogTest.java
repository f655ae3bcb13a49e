package dev.reelrank.flow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class BacklogTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Backlog backlog = new Backlog(START, Duration.ofMinutes(5));

    @Test
    void shouldBeBehindAtFirstAndNotWhenNothingOldIsRead() {
        assertThat(backlog.behind(at(1))).isTrue();
        backlog.read(at(4), at(5));
        assertThat(backlog.behind(at(5))).isFalse();
    }

    @Test
    void shouldBeBehindWhileOldRecordsAreRead() {
        for (int s = 100; s < 200; s++) {
            backlog.read(at(s - 60), at(s));
            assertThat(backlog.behind(at(s))).isTrue();
        }
        assertThat(backlog.behind(at(204))).isFalse();
    }

    @Test
    void shouldNotBelieveInABacklogWithoutEnd() {
        for (int s = 100; s < 500; s++) {
            backlog.read(at(s - 10), at(s));
        }
        assertThat(backlog.behind(at(500))).isFalse();
        backlog.read(at(500), at(520));
        assertThat(backlog.behind(at(520))).isTrue();
    }

    private static Instant at(int seconds) {
        return START.plusSeconds(seconds);
    }
}
