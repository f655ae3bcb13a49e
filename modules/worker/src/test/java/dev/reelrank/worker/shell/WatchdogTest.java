package dev.reelrank.worker.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class WatchdogTest {
    private final CountDownLatch ended = new CountDownLatch(1);

    @Test
    void shouldLeaveWorkAloneThatMovesOn() throws InterruptedException {
        try (var watchdog = watchdog(1_000, 1_000)) {
            watchdog.begin();
            for (int i = 0; i < 15; i++) {
                Thread.sleep(100);
                watchdog.progress();
            }
            assertThat(watchdog.end()).isFalse();
            assertThat(ended.getCount()).isEqualTo(1);
        }
    }

    @Test
    void shouldAskWorkToEndThatDoesNotMoveOn() throws InterruptedException {
        try (var watchdog = watchdog(50, 60_000)) {
            watchdog.begin();
            await(watchdog);
            assertThat(watchdog.end()).isTrue();
            watchdog.begin();
            assertThat(watchdog.stalled()).as("the next work begins anew").isFalse();
            assertThat(ended.getCount()).isEqualTo(1);
        }
    }

    @Test
    void shouldEndTheProcessWhenAnInputIsReadForEver() throws InterruptedException {
        try (var watchdog = watchdog(50, 50)) {
            watchdog.begin();
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldNotMindAWorkerWithoutWork() throws InterruptedException {
        try (var watchdog = watchdog(20, 20)) {
            watchdog.begin();
            watchdog.end();
            assertThat(ended.await(500, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private static void await(Watchdog watchdog) throws InterruptedException {
        for (int i = 0; i < 600 && !watchdog.stalled(); i++) {
            Thread.sleep(50);
        }
        assertThat(watchdog.stalled()).isTrue();
    }

    private Watchdog watchdog(long stallMillis, long graceMillis) {
        return new Watchdog(
                Duration.ofMillis(stallMillis), Duration.ofMillis(graceMillis), ended::countDown);
    }
}
