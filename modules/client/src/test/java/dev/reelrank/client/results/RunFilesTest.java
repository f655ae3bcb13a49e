package dev.reelrank.client.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFilesTest {
    @TempDir Path folder;
    private ResultStore store;
    private final RunView run = new RunView("x");

    @BeforeEach
    void open() {
        store = Stores.open(folder.resolve("store").toString());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void theReportThePromptsAndTheVideosHaveTheRightsThatTheUmaskGives() throws IOException {
        take("fox", 9, 0);
        takePrompt("fox");
        var files = new RunFiles(folder.resolve("out"), "x", store);
        run.samples().values().forEach(files::write);
        files.report(run);

        var usual = Files.getPosixFilePermissions(Files.createFile(folder.resolve("usual")));
        for (String name :
                List.of(
                        "report.json",
                        "candidates/fox/7.mp4",
                        "prompts/fox.prompt.txt",
                        "prompts/fox.prompt.json")) {
            assertThat(Files.getPosixFilePermissions(files.folder().resolve(name)))
                    .as(name)
                    .isEqualTo(usual);
        }
    }

    @Test
    void theReportNamesPromptsThatTheGeneratorDidNotReadToTheirEnd() {
        take("fox", 9, 0);
        take("tale", 512, 88);
        var report = new RunFiles(folder.resolve("out"), "x", store).report(run);
        assertThat(report.at("/notes/prompts").asText())
                .contains("tale (the first 512 tokens of 600)")
                .doesNotContain("fox");
    }

    @Test
    void theReportIsSilentWhenEveryPromptWasReadWhole() {
        take("fox", 512, 0);
        var report = new RunFiles(folder.resolve("out"), "x", store).report(run);
        assertThat(report.path("notes").has("prompts")).isFalse();
    }

    private void takePrompt(String sample) {
        run.apply(
                new StageFact(
                        new WorkRef(sample, "x", sample, StageName.PROMPT, null, 0),
                        new Producer("w", "1@0", "host", "cpu", "cpu"),
                        new Computation(
                                "key", 1, "weights", "fp32", "cpu", false, 0, 1, Map.of(),
                                Map.of()),
                        new PromptResult(
                                "a red fox",
                                "auto",
                                PromptResult.Source.MODEL,
                                3,
                                1,
                                null,
                                List.of()),
                        null,
                        Instant.EPOCH));
    }

    private void take(String sample, int tokens, int cut) {
        BlobRef blob = store.putBlob(sample.getBytes(StandardCharsets.UTF_8), "video/mp4");
        run.apply(
                new SampleFact(
                        "x",
                        sample,
                        "first",
                        "a fox",
                        blob,
                        null,
                        null,
                        RunConfiguration.defaults(),
                        null,
                        Instant.EPOCH));
        run.apply(
                new StageFact(
                        new WorkRef(sample + "-7", "x", sample, StageName.CANDIDATE, 7L, 0),
                        new Producer("w", "1@0", "host", "cpu", "cpu"),
                        new Computation(
                                "key", 1, "weights", "fp32", "cpu", false, 0, 1, Map.of(),
                                Map.of()),
                        new CandidateResult(
                                7,
                                blob,
                                64,
                                48,
                                17,
                                16,
                                2,
                                null,
                                1,
                                "euler",
                                null,
                                "libx264",
                                new GeneratorUse(
                                        "wan", Map.of(), List.of(), List.of(), Map.of(), Map.of(),
                                        tokens, cut)),
                        null,
                        Instant.EPOCH));
    }
}
