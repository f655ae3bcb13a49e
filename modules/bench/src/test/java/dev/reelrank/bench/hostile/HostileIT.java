package dev.reelrank.bench.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.farm.FarmSpec;
import dev.reelrank.client.run.Quarantined;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A short run of the hostile client, and what is left of it afterwards. */
@Timeout(300)
final class HostileIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir static Path folder;
    private static HostileRun run;

    @BeforeAll
    static void startFarm() throws Exception {
        run = HostileRun.start(folder, 1, Duration.ofSeconds(3), Duration.ofSeconds(4));
    }

    @AfterAll
    static void endFarm() {
        run.close();
    }

    @Test
    void shouldHarmNoHealthySampleWhateverAClientSends() throws Exception {
        var client = run.client(1);
        var outcome = run.run(client, 300, 30, PATIENCE);
        assertThat(outcome.lost()).isEmpty();
        assertThat(outcome.late()).isZero();
        assertThat(outcome.stuck()).isEmpty();
        assertThat(outcome.paused()).isEmpty();
        assertThat(outcome.faults()).isEmpty();
        assertThat(outcome.samples()).isGreaterThan(6);
    }

    @Test
    void shouldDoTheWorkOfARecordThatAnOlderBuildHadQuarantined() throws Exception {
        var connection = run.farm().connection();
        var topics = connection.topics();
        var image = run.store().putBlob(HostileClient.picture(), "image/png");
        var submission =
                new HostileEvents(image).submission("upgraded", "waits", "for an upgrade", image);
        byte[] bytes = new EventCodec().encode(submission);
        // What the older build wrote, which did not know the schema of these bytes.
        run.farm()
                .publisher()
                .publish(
                        new DeadLetter(
                                null,
                                FailureCode.UNKNOWN_SCHEMA,
                                "a newer build wrote it",
                                null,
                                1,
                                List.of(),
                                null,
                                bytes,
                                topics.submissions() + "-0@4711",
                                Instant.now()));
        var spec =
                new FarmSpec(
                        connection.bootstrap(),
                        null,
                        run.farm().store().toString(),
                        false,
                        List.of(),
                        "",
                        List.of(),
                        1,
                        List.of(),
                        List.of());
        try (var session = Session.connect(DataFolder.of(folder.resolve("data")), spec);
                var runs = new EventReader(connection, new EventCodec(), List.of(topics.runs()))) {
            assertThat(new Quarantined(session).sendAgain().sent())
                    .contains(topics.submissions() + "-0@4711");
            assertThat(endOf(runs, "upgraded/waits").status()).isEqualTo(SampleUpdated.Status.DONE);
        }
    }

    private static SampleUpdated endOf(EventReader runs, String key) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            for (var stored : runs.poll(Duration.ofMillis(200))) {
                if (stored.key().equals(key)
                        && stored.event() instanceof SampleUpdated update
                        && update.status() != SampleUpdated.Status.RUNNING) {
                    return update;
                }
            }
        }
        throw new AssertionError(key + " has not ended");
    }
}
