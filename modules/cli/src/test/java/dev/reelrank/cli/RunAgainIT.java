package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same run id once more: with other samples, and with other settings. */
final class RunAgainIT {
    @TempDir Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void theSameRunIdWaitsForItsNewSamplesAndRefusesOtherSettings() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(ReelrankProcess.HOME.resolve("models/testbed/wan")),
                "this checkout leaves the weights out");
        var command = new ReelrankProcess(folder);
        var samples = samples();

        assertThat(command.run(run(samples.get(0)))).as(command.said()).isZero();
        assertThat(video(samples.get(0))).exists();

        assertThat(command.run(run(samples.get(1)))).as(command.said()).isZero();
        assertThat(video(samples.get(1))).exists();

        assertThat(command.run(run(samples.get(0), "--set", "candidate.steps=3"))).isEqualTo(2);
        assertThat(command.said())
                .contains("run again exists with other settings")
                .contains("candidate.steps is 2 in the run, here 3");

        // A run that was refused leaves nothing behind that the next one has to go on with.
        assertThat(command.run("runs", "list")).isZero();
        assertThat(command.output()).contains("No run of this data folder is unfinished");

        deleteIt(command);
    }

    /** Deletes the run and frees the store, as a user does whose disk is full. */
    private void deleteIt(ReelrankProcess command) throws Exception {
        assertThat(command.run("runs", "delete", "--run", "again")).as(command.said()).isZero();
        assertThat(command.said()).contains("Run again is deleted. Only it needed");
        assertThat(command.run("status", "--run", "again")).isEqualTo(2);
        assertThat(command.said()).contains("run again was deleted");

        Path store = command.data().resolve("store");
        for (Path file : files(store)) {
            Files.setLastModifiedTime(
                    file, FileTime.from(Instant.now().minus(Duration.ofDays(40))));
        }
        int before = files(store).size();
        assertThat(command.run("gc")).as(command.said()).isZero();
        assertThat(command.output()).contains("Nothing is removed yet");
        assertThat(files(store)).hasSize(before);
        assertThat(command.run("gc", "--yes")).as(command.said()).isZero();
        assertThat(files(store)).isEmpty();
    }

    private static List<Path> files(Path store) throws IOException {
        try (var walk = Files.walk(store, 2)) {
            return walk.filter(Files::isRegularFile)
                    .filter(f -> !f.getFileName().toString().equals("store.properties"))
                    .toList();
        }
    }

    private String[] run(String sample, String... more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--run",
                                "again",
                                "--sample-ids",
                                sample,
                                "--set",
                                "candidate.seeds=[7]",
                                "--set",
                                "candidate.steps=2",
                                "--set",
                                "ranking.frames=4",
                                "--set",
                                "ranking.maskFrames=2",
                                "--out",
                                folder.resolve("out").toString()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private Path video(String sample) {
        return folder.resolve("out/again").resolve(sample + ".mp4");
    }

    private static List<String> samples() throws IOException {
        try (var prompts = Files.list(ReelrankProcess.HOME.resolve("samples/prompts"))) {
            return prompts.map(p -> p.getFileName().toString())
                    .filter(n -> n.endsWith(".txt"))
                    .map(n -> n.substring(0, n.length() - 4))
                    .sorted()
                    .limit(2)
                    .toList();
        }
    }

    @AfterEach
    void endTheFarm() throws IOException, InterruptedException {
        EndOfFarm.await(new ReelrankProcess(folder).data());
    }
}
