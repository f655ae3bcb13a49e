package dev.reelrank.client.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.client.run.Intents.Unfinished;
import dev.reelrank.pipeline.StageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class IntentsIT {
    @TempDir Path folder;

    @Test
    void aSecondRunDoesNotAdoptTheRunOfALivingFirstOne() throws Exception {
        var first = holder("a", "1");
        try {
            var intents = new Intents(folder);
            assertThat(intents.resume(HolderMain.intent("b", "2"), null)).isEmpty();
            assertThat(intents.unfinished())
                    .extracting(Unfinished::runId, Unfinished::living)
                    .containsExactly(org.assertj.core.api.Assertions.tuple("a", true));
            // Looking must not have freed it: a third one sees it held as well.
            assertThat(intents.resume(HolderMain.intent("c", "3"), null)).isEmpty();
            assertThatThrownBy(() -> intents.abandon("a"))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("end that command first");
        } finally {
            first.destroyForcibly().waitFor();
        }
    }

    @Test
    void theSameCommandGoesOnWithARunWhoseProcessWasKilled() throws Exception {
        holder("a", "1").destroyForcibly().waitFor();
        try (var claim = new Intents(folder).resume(HolderMain.intent("b", "2"), null).get()) {
            assertThat(claim.intent()).isEqualTo(HolderMain.intent("a", "1"));
            claim.finished();
        }
        assertThat(new Intents(folder).unfinished()).isEmpty();
    }

    @Test
    void aRunThatIsNamedIsNotTakenForAnother() throws Exception {
        holder("a", "1").destroyForcibly().waitFor();
        assertThat(new Intents(folder).resume(HolderMain.intent("b", "2"), "b")).isEmpty();
        assertThat(new Intents(folder).unfinished()).hasSize(1);
    }

    @Test
    void aRunThatListsTheOthersKeepsItsOwn() throws Exception {
        var intents = new Intents(folder);
        try (var claim = intents.begin(HolderMain.intent("a", "1"))) {
            assertThat(intents.unfinished()).hasSize(1);
            assertThat(intents.resume(claim.intent(), null)).isEmpty();
            // Another process must still see it held.
            assertThat(firstLine(start(folder.toString(), "look"))).isEqualTo("[a]");
        }
    }

    @Test
    void twoCommandsMayAddToOneRun() throws Exception {
        var first = holder("a", "1");
        try (var claim = new Intents(folder).begin(HolderMain.intent("a", "2"))) {
            assertThat(claim.intent().submissionId()).isEqualTo("2");
        } finally {
            first.destroyForcibly().waitFor();
        }
    }

    @Test
    void aRunThatCannotBeReadBlocksNobodyAndCanBeGivenUp() throws Exception {
        Files.writeString(folder.resolve("old+1.json"), "{\"runId\":");
        Files.writeString(folder.resolve("older.json"), "");
        var intents = new Intents(folder);
        assertThat(intents.resume(HolderMain.intent("b", "2"), null)).isEmpty();
        assertThat(intents.unfinished())
                .extracting(Unfinished::runId)
                .isEqualTo(List.of("old", "older"));
        assertThat(intents.abandon("old")).isEqualTo(1);
        assertThat(intents.abandon("older")).isEqualTo(1);
        assertThat(intents.abandon("older")).isZero();
    }

    private Process holder(String run, String submission) throws Exception {
        var process = start(folder.toString(), run, submission);
        assertThat(firstLine(process)).isEqualTo("holds " + run);
        return process;
    }

    private static String firstLine(Process process) throws IOException {
        return new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                .readLine();
    }

    private static Process start(String... arguments) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                HolderMain.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
