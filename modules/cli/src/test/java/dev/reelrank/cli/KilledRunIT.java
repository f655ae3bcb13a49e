package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of {@code run} itself, and of everything at once, and the same command again. */
final class KilledRunIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CANDIDATES = 2;

    @TempDir Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldGoOnWithTheSameRunWhenItIsStartedAgainAfterBeingKilled() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(ReelrankProcess.HOME.resolve("models/testbed/wan")),
                "this checkout leaves the weights out");
        var command = new ReelrankProcess(folder);
        Path config = command.smallConfiguration();
        String[] arguments = {
            "run", "--num-samples", "1", "--config", config.toString(), "--out", out().toString()
        };

        // As if the machine lost its power: the command and all that it started, at one instant.
        var first = command.start(arguments);
        awaitResults(command, 1);
        var farm = first.descendants().toList();
        assertThat(farm)
                .as("broker, flow, four workers and their supervisor")
                .hasSizeGreaterThan(6);
        first.destroyForcibly().waitFor();
        farm.forEach(ProcessHandle::destroyForcibly);
        assertThat(candidateVideos()).as("not finished yet").isLessThan(CANDIDATES);

        // The command alone, as by a closed window: its farm ends a while later.
        var second = command.start(arguments);
        awaitResults(command, 2);
        second.destroyForcibly().waitFor();

        assertThat(command.run(arguments)).as(command.said()).isZero();
        assertThat(command.said()).contains("Resuming run");
        String run = onlyRun();
        JsonNode report = JSON.readTree(out().resolve(run).resolve("report.json").toFile());
        assertThat(report.at("/totals/failed").asInt()).isZero();
        assertThat(report.path("samples")).hasSize(1);
        assertThat(report.at("/samples/0/status").asText()).isEqualTo("done");
        assertThat(report.at("/samples/0/candidates")).hasSize(CANDIDATES);
        assertThat(candidateVideos()).isEqualTo(CANDIDATES);
        everyFactStandsOnce(command, run);
    }

    private void everyFactStandsOnce(ReelrankProcess command, String run) throws Exception {
        for (String topic : List.of("candidates", "grades")) {
            int before = command.output().length();
            assertThat(command.run("topics", "read", topic, "--run", run))
                    .as(command.said())
                    .isZero();
            var facts = command.output().substring(before).lines().toList();
            assertThat(facts).hasSize(topic.equals("candidates") ? CANDIDATES : 1);
            var works = new HashSet<String>();
            for (String fact : facts) {
                works.add(JSON.readTree(fact).findValue("workId").asText());
            }
            assertThat(works).hasSameSizeAs(facts);
        }
    }

    /** Waits until the store holds so many results. */
    private static void awaitResults(ReelrankProcess command, int count) throws Exception {
        Path results = command.data().resolve("store/results");
        Instant limit = Instant.now().plusSeconds(300);
        while (count(results) < count) {
            assertThat(Instant.now()).as(command.said()).isBefore(limit);
            Thread.sleep(50);
        }
    }

    private static long count(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    private long candidateVideos() throws IOException {
        if (!Files.isDirectory(out())) {
            return 0;
        }
        try (var files = Files.walk(out())) {
            return files.filter(f -> f.toString().matches(".*/candidates/.*\\.mp4")).count();
        }
    }

    private String onlyRun() throws IOException {
        try (var runs = Files.list(out())) {
            var names = runs.map(p -> p.getFileName().toString()).toList();
            assertThat(names).hasSize(1);
            return names.get(0);
        }
    }

    @AfterEach
    void endTheFarm() throws IOException, InterruptedException {
        EndOfFarm.await(new ReelrankProcess(folder).data());
    }

    private Path out() {
        return folder.resolve("out");
    }
}
