package dev.reelrank.worker.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.lease.Capacity;
import dev.reelrank.worker.lease.DeviceLease;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RoomTest {
    private static final Duration SHORT = Duration.ofMillis(120);

    @TempDir Path folder;
    private Capacity host;
    private DeviceLease first;
    private DeviceLease second;
    private DeviceLease cpu;

    /** A host of 64 GiB with two GPUs of 24. */
    @BeforeEach
    void open() {
        host = Capacity.open(folder.resolve("host"), 64);
        var cores = Capacity.open(folder.resolve("cores"), 2);
        first = new DeviceLease(Capacity.open(folder.resolve("gpu0"), 24), host, cores, 0);
        second = new DeviceLease(Capacity.open(folder.resolve("gpu1"), 24), host, cores, 0);
        cpu = new DeviceLease(host, host, cores, 2);
    }

    private static Room room(DeviceLease lease, String holder) {
        return new Room(
                lease,
                holder,
                new StageMetrics(new SimpleMeterRegistry(), StageName.CANDIDATE, "cpu"));
    }

    @Test
    void shouldNotLetTwoGpusOffloadMoreThanTheHostHas() throws Exception {
        var offloaded = new Needs(10, 40);
        try (var a = room(first, "a");
                var b = room(second, "b")) {
            a.ask(offloaded);
            b.ask(offloaded);
            assertThat(a.await(SHORT, () -> false)).isTrue();
            assertThat(b.await(SHORT, () -> false)).as("80 GiB on a host of 64").isFalse();
            assertThat(a.wanted()).isTrue();
            assertThat(a.giveWay()).isTrue();
            a.close();
            assertThat(b.await(SHORT, () -> false)).isTrue();
            assertThat(b.wanted()).isFalse();
        }
    }

    @Test
    void shouldNotStandInTheWayOfADeviceWhileItWaitsForTheHost() throws Exception {
        try (var hog = room(cpu, "hog");
                var waiting = room(first, "waiting");
                var small = room(first, "small")) {
            hog.ask(new Needs(60, 0));
            assertThat(hog.await(SHORT, () -> false)).isTrue();
            waiting.ask(new Needs(20, 40));
            assertThat(waiting.await(SHORT, () -> false)).isFalse();
            small.ask(new Needs(20, 0));
            assertThat(small.await(SHORT, () -> false)).isTrue();
        }
    }

    @Test
    void shouldCountOnTheCpuWhatIsNeededOfDeviceAndHostTogether() throws Exception {
        try (var a = room(cpu, "a");
                var b = room(cpu, "b")) {
            a.ask(new Needs(30, 10));
            assertThat(a.await(SHORT, () -> false)).isTrue();
            assertThat(a.fits(new Needs(30, 10))).isTrue();
            assertThat(a.fits(new Needs(30, 11))).isFalse();
            b.ask(new Needs(20, 5));
            assertThat(b.await(SHORT, () -> false)).isFalse();
        }
    }

    @Test
    void shouldKeepItsPlacesUntilItIsClosed() throws Exception {
        try (var a = room(first, "a")) {
            a.ask(new Needs(1, 1));
            assertThat(a.asked()).isTrue();
            assertThat(a.await(SHORT, () -> false)).isTrue();
            a.close();
            assertThat(a.asked()).isFalse();
            assertThat(folder.resolve("host")).isDirectoryNotContaining("glob:**.held");
            assertThat(folder.resolve("gpu0")).isDirectoryNotContaining("glob:**.held");
        }
    }

    @Test
    void shouldSayAtOnceWhatCanNeverBeHad() {
        try (var a = room(first, "a")) {
            assertThatThrownBy(() -> a.ask(new Needs(1, 65)))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG));
        }
    }
}
