package dev.reelrank.worker.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SilencesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final Silences silences = new Silences();

    @Test
    void shouldTakeNoHolderForStoppedWhenTheClockIsSetByAnHour() {
        assertThat(silence(NOW, 0)).isZero();
        assertThat(silence(NOW.plus(Duration.ofHours(1)), 5)).isZero();
        assertThat(silence(NOW.minus(Duration.ofHours(1)), 10)).isZero();
        assertThat(silence(NOW.minus(Duration.ofHours(1)), 12)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void shouldCountFromTheLastChangeThatWasSeen() {
        silence(NOW, 0);
        assertThat(silence(NOW, 16)).isEqualTo(Duration.ofSeconds(16));
        silences.forget(9);
        assertThat(silence(NOW, 17)).isZero();
    }

    private Duration silence(Instant beat, long seconds) {
        return silences.of(9, FileTime.from(beat), seconds * 1_000_000_000);
    }
}
