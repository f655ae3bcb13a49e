package dev.reelrank.bench.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.farm.FarmSpec;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.retention.Deletion;
import dev.reelrank.client.retention.Retention;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.StoreContents;
import dev.reelrank.worker.store.StoreContents.Entry;
import dev.reelrank.worker.store.StoreContents.Part;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store of a farm that works, freed of what nobody needs. */
@Timeout(300)
final class RetentionIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir static Path folder;
    private static WaitingFarm farm;
    private static Session session;
    private static ResultStore store;
    private static StoreContents contents;

    @BeforeAll
    static void startFarm() {
        farm = WaitingFarm.start(folder);
        store = Stores.open(farm.store().toString());
        contents = Stores.contents(farm.store().toString());
        farm.flow("flow");
        for (var stage : farm.connection().stages().ofSample()) {
            farm.worker(stage.id(), stage, Pace.NONE, Restart.AT_ONCE);
        }
        session =
                Session.connect(
                        DataFolder.of(folder.resolve("data")),
                        new FarmSpec(
                                farm.connection().bootstrap(),
                                null,
                                farm.store().toString(),
                                false,
                                List.of(),
                                "",
                                List.of(),
                                1,
                                List.of(),
                                List.of()));
    }

    @AfterAll
    static void endFarm() {
        session.close();
        contents.close();
        store.close();
        farm.close();
    }

    @Test
    void shouldFreeWhatOnlyADeletedRunNeededAndKeepTheRest() throws Exception {
        // What other tests left.
        makeOld(p -> true);
        removeAll();
        String first = run("kept", "of both runs");
        String second = run("deleted", "of both runs");
        var videos = videos(view(first));
        var own = videos(view(second));
        own.removeAll(videos);
        assertThat(own).as("videos that only the second run has").hasSize(2);
        var young = store.putBlob("just put".getBytes(StandardCharsets.UTF_8), "image/png");
        makeOld(p -> !p.endsWith(young.sha256()));

        assertThat(removable()).as("every file is named by a run").isEmpty();

        new Deletion(session).requireDeletable(second);
        assertThat(new Deletion(session).delete(List.of(second), PATIENCE)).containsExactly(second);

        assertThatThrownBy(() -> RunReading.one(session, second))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("run " + second + " was deleted");
        assertThat(RunReading.all(session))
                .extracting(RunUpdated::runId)
                .contains(first)
                .doesNotContain(second);
        var removed = removeAll();
        assertThat(removed)
                .filteredOn(e -> e.part() == Part.BLOBS)
                .extracting(Entry::name)
                .containsExactlyInAnyOrderElementsOf(own);
        assertThat(removed).extracting(Entry::part).contains(Part.RESULTS);
        assertThat(store.holds(young)).isTrue();
        for (var candidate : candidates(view(first))) {
            assertThat(store.holds(candidate.video())).isTrue();
        }

        // Whoever goes on sending into the run is told, and the farm makes nothing for it.
        submit(new PromptedRun(second, Map.of("late", "too late"), List.of(1L)));
        var refused =
                await(second, "late", u -> u.status() == SampleUpdated.Status.FAILED).failures();
        assertThat(refused)
                .singleElement()
                .extracting(f -> f.message())
                .asString()
                .contains("was deleted");
    }

    @Test
    void shouldKeepWhatAnotherCommandHasJustFoundAgain() throws IOException {
        var blob = store.putBlob("found again".getBytes(StandardCharsets.UTF_8), "image/png");
        var other = store.putBlob("not needed".getBytes(StandardCharsets.UTF_8), "image/png");
        makeOld(p -> p.endsWith(blob.sha256()) || p.endsWith(other.sha256()));
        try (var retention = retention()) {
            List<Entry> listed = retention.removable();
            assertThat(listed).extracting(Entry::name).contains(blob.sha256(), other.sha256());
            // A submit puts its image, which is there already, before the list is worked off.
            store.putBlob("found again".getBytes(StandardCharsets.UTF_8), "image/png");

            assertThat(retention.remove(listed))
                    .extracting(Entry::name)
                    .contains(other.sha256())
                    .doesNotContain(blob.sha256());
        }
        assertThat(store.holds(blob)).isTrue();
        assertThat(store.holds(other)).isFalse();
    }

    @Test
    void shouldKeepWhatWasSubmittedSinceTheListWasMade() throws Exception {
        var image = store.putBlob("no picture".getBytes(StandardCharsets.UTF_8), "image/png");
        var unnamed = store.putBlob("unnamed".getBytes(StandardCharsets.UTF_8), "image/png");
        try (var retention = retention()) {
            makeOld(p -> p.endsWith(unnamed.sha256()));
            List<Entry> listed = retention.removable();
            assertThat(listed).extracting(Entry::name).contains(unnamed.sha256());
            // Another program names the blob without looking whether it is there.
            var late = PromptedRun.of(Map.of("s", "names " + unnamed.sha256()), List.of(1L));
            late.submit(farm.publisher(), store);

            assertThat(retention.remove(listed))
                    .extracting(Entry::name)
                    .doesNotContain(unnamed.sha256());
            await(late.runId(), "s", u -> u.status() == SampleUpdated.Status.DONE);
        }
        assertThat(store.holds(image)).isTrue();
    }

    private static Retention retention() {
        return Retention.of(
                farm.connection(),
                store,
                contents,
                Retention.deletedRuns(session),
                Instant.now().minus(Duration.ofDays(30)));
    }

    private static List<Entry> removable() {
        try (var retention = retention()) {
            return retention.removable();
        }
    }

    private static List<Entry> removeAll() {
        try (var retention = retention()) {
            return retention.remove(retention.removable());
        }
    }

    /** A run of two samples, one of which every run has. */
    private static String run(String own, String common) throws InterruptedException {
        var run = PromptedRun.of(Map.of("own", own, "common", common), List.of(1L, 2L));
        submit(run);
        await(run.runId(), "own", u -> u.status() == SampleUpdated.Status.DONE);
        await(run.runId(), "common", u -> u.status() == SampleUpdated.Status.DONE);
        return run.runId();
    }

    private static void submit(PromptedRun run) {
        run.submit(farm.publisher(), store);
    }

    private static SampleUpdated await(String runId, String sample, Predicate<SampleUpdated> which)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var found = view(runId).samples().get(sample);
            if (found != null && found.update().filter(which).isPresent()) {
                return found.update().orElseThrow();
            }
            Thread.sleep(200);
        }
        throw new AssertionError("sample " + sample + " of " + runId + " did not end");
    }

    private static RunView view(String runId) {
        return RunReading.view(session, runId);
    }

    private static List<CandidateResult> candidates(RunView view) {
        return view.samples().values().stream().flatMap(s -> s.candidates().stream()).toList();
    }

    private static Set<String> videos(RunView view) {
        var names = new TreeSet<String>();
        candidates(view).forEach(c -> names.add(c.video().sha256()));
        return names;
    }

    private static void makeOld(Predicate<String> which) throws IOException {
        var old = FileTime.from(Instant.now().minus(Duration.ofDays(40)));
        for (var part : List.of("blobs", "results")) {
            try (var files = Files.list(farm.store().resolve(part))) {
                for (var file : files.filter(f -> which.test(f.toString())).toList()) {
                    Files.setLastModifiedTime(file, old);
                }
            }
        }
    }
}
