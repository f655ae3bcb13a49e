package dev.reelrank.client.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die, hang and end, under the supervisor's care. */
final class ChildIT {
    /**
     * The file is there with its time at once: made in place, it would change once more when it is
     * written.
     */
    private static final String BEATS_ONCE = "echo >beat; mv beat heartbeat; exec sleep 100";

    @TempDir Path folder;
    private @Nullable Child child;
    private Duration now = Duration.ofDays(3);

    @AfterEach
    void end() throws InterruptedException {
        if (child != null) {
            child.stop();
            child.awaitEnd();
        }
    }

    @Test
    void shouldLeaveTheInputOpenWhenItAsksAProcessToEnd() throws Exception {
        // As a worker does, this one takes the end of its input for the death of its parent.
        var child =
                child("trap 'echo asked >asked' TERM; echo up >up; cat; echo orphan >orphan", null);
        child.tend(now);
        await(() -> Files.exists(folder.resolve("up")));
        child.stop();
        Thread.sleep(500);
        assertThat(child.running()).isTrue();
        assertThat(folder.resolve("orphan")).doesNotExist();
    }

    @Test
    void shouldStartAtOnceWhatDiesForTheFirstTimeAndLaterTheSecondTime() throws Exception {
        var child = child("exit 1", null);
        child.tend(now);
        awaitDeath(child);
        child.tend(now);
        assertThat(child.state().restarts()).isEqualTo(1);
        awaitDeath(child);
        child.tend(now);
        assertThat(child.running()).isFalse();
        child.tend(now.plusMillis(400));
        assertThat(child.running()).isFalse();
        child.tend(now.plusMillis(600));
        // It may be dead already.
        assertThat(child.state().restarts()).isEqualTo(2);
    }

    @Test
    void shouldGiveUpAfterFiveDeathsWithinAMinuteAndSayTheLastWords() throws Exception {
        var child = child("echo no luck; exit 1", null);
        for (int death = 0; death < 5; death++) {
            child.tend(now);
            awaitDeath(child);
            child.tend(now);
            now = now.plusSeconds(5);
        }
        assertThat(child.gaveUp()).contains("died 5 times", "code 1", "no luck");
        child.tend(now.plusSeconds(60));
        assertThat(child.running()).isFalse();
    }

    @Test
    void shouldBeginANewLogWhenTheOldOneIsLong() throws Exception {
        Path log = folder.resolve("log");
        Files.write(log, new byte[(16 << 20) + 1]);
        var child = child("echo begins; exit 1", null);
        child.tend(now);
        awaitDeath(child);
        assertThat(log).hasContent("begins");
        assertThat(folder.resolve("log.1")).hasSize((16 << 20) + 1);
    }

    @Test
    void shouldNotCountDeathsOfLongAgo() throws Exception {
        var child = child("exit 1", null);
        for (int death = 0; death < 8; death++) {
            child.tend(now);
            awaitDeath(child);
            now = now.plusSeconds(20);
        }
        assertThat(child.gaveUp()).isNull();
    }

    @Test
    void shouldNotTryAgainWhatWouldEndTheSameWay() throws Exception {
        var child = child("echo no such model; exit 3", null);
        child.tend(now);
        awaitDeath(child);
        child.tend(now);
        assertThat(child.gaveUp()).contains("ended with code 3", "no such model");
    }

    @Test
    void shouldStartAgainAtOnceAndWithoutEndAProcessThatAsksForIt() throws Exception {
        var child = child("exit 75", null);
        for (int wish = 0; wish < 8; wish++) {
            child.tend(now);
            awaitDeath(child);
        }
        child.tend(now);
        assertThat(child.gaveUp()).isNull();
        assertThat(child.state().restarts()).isEqualTo(8);
    }

    @Test
    void shouldKillWhatShowsNoMoreLife() throws Exception {
        var heartbeat = folder.resolve("heartbeat");
        var child = child(BEATS_ONCE, heartbeat);
        child.tend(now);
        await(() -> Files.exists(heartbeat));
        child.tend(now.plusSeconds(10));
        Thread.sleep(100);
        assertThat(child.running()).isTrue();
        child.tend(now.plusSeconds(26));
        awaitDeath(child);
    }

    @Test
    void shouldNotKillAWorkerWhenTheClockIsSetByAnHour() throws Exception {
        var heartbeat = folder.resolve("heartbeat");
        var child = child(BEATS_ONCE, heartbeat);
        child.tend(now);
        await(() -> Files.exists(heartbeat));
        child.tend(now);
        for (int beat = 1; beat <= 10; beat++) {
            // Each heartbeat is an hour before the last one, as after a step of the clock.
            var set = Instant.now().minus(Duration.ofHours(beat));
            Files.setLastModifiedTime(heartbeat, FileTime.from(set));
            child.tend(now.plusSeconds(10L * beat));
        }
        Thread.sleep(100);
        assertThat(child.running()).isTrue();
    }

    @Test
    void aKilledProcessLeavesNothingInItsTemporaryFolder() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        child =
                new Child(
                        ProcessSpec.ofFarm(
                                        "it",
                                        List.of(
                                                "/bin/sh",
                                                "-c",
                                                "ls '%s' >'%s/found'; mkdir '%s/reelrank-1'; echo up >'%s/reelrank-1/natives'; exec sleep 100"
                                                        .formatted(
                                                                temporary, folder, temporary,
                                                                temporary)),
                                        folder.resolve("log"),
                                        null,
                                        Duration.ofMillis(200))
                                .withTemporary(temporary));
        var killed = child;
        killed.tend(now);
        await(() -> Files.exists(temporary.resolve("reelrank-1/natives")));
        killed.process().orElseThrow().destroyForcibly();
        awaitDeath(killed);
        Files.delete(folder.resolve("found"));
        killed.tend(now);
        killed.tend(now.plusSeconds(1));
        await(() -> Files.exists(temporary.resolve("reelrank-1/natives")));
        assertThat(folder.resolve("found")).isEmptyFile();
    }

    private Child child(String script, @Nullable Path heartbeat) {
        var log = folder.resolve("log");
        child =
                new Child(
                        ProcessSpec.ofFarm(
                                "it",
                                List.of("/bin/sh", "-c", "cd '" + folder + "'; " + script),
                                log,
                                heartbeat,
                                Duration.ofMillis(200)));
        return child;
    }

    private static void awaitDeath(Child child) throws InterruptedException {
        await(() -> !child.running());
    }

    private static void await(BooleanSupplier fact) throws InterruptedException {
        var until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!fact.getAsBoolean()) {
            assertThat(System.nanoTime()).as("20 s have passed").isLessThan(until);
            Thread.sleep(10);
        }
    }
}
