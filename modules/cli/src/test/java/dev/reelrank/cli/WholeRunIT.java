package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.testsupport.Chromium;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole pipeline through the command line, as a user runs it: real broker, real processes, the
 * small real models. A newcomer watches {@code run --studio} in a browser meanwhile, and a program
 * has a video made over HTTP.
 */
final class WholeRunIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldServeANewcomerAProgramAndAReplayThatGeneratesNothing() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(ReelrankProcess.HOME.resolve("models/testbed/wan")),
                "this checkout leaves the weights out");
        Path config = command().smallConfiguration();
        Process run =
                command()
                        .start(
                                "run",
                                "--studio",
                                "--studio-port",
                                "0",
                                "--num-samples",
                                "1",
                                "--config",
                                config.toString(),
                                "--run",
                                "first",
                                "--out",
                                out().toString());
        try {
            String address = command().studio(run);
            var program = VideoProgram.of(address, folder);
            String id = program.submit();
            if (Chromium.executable().isPresent()) {
                Newcomer.visit(address);
            } else {
                System.err.println("The pages are not looked at: " + Chromium.MISSING);
            }
            program.takeVideo(id);
            command().await(run, Pattern.compile("The studio stays open"));
            firstRunIsWhole();
            replayGeneratesNothing(config);
            replayShowsTheGeometryThatItAskedFor(address);
        } finally {
            run.destroy();
            run.waitFor();
        }
    }

    private void firstRunIsWhole() throws IOException {
        JsonNode first = report("first");
        JsonNode sample = first.at("/samples/0");
        assertThat(sample.path("status").asText()).isEqualTo("done");
        assertThat(sample.path("prompt").asText()).isNotBlank();
        assertThat(sample.path("candidates")).hasSize(2);
        assertThat(sample.path("grade").asText())
                .as(sample.toPrettyString())
                .isNotBlank()
                .isNotEqualTo("null");
        assertThat(sample.path("evidence")).hasSize(5);
        assertThat(first.at("/totals/failed").asInt()).isZero();
        // Every model behind the results says what it does not know, in the report and on the
        // console.
        for (String model : new String[] {"wan", "qwen", "dinov3", "sam3", "clip"}) {
            assertThat(first.path("notes").path(model).asText())
                    .as("note on " + model)
                    .contains("rendered world");
            assertThat(said()).contains("Note on " + model);
        }
        assertThat(said()).as("nobody asked for geometry").doesNotContain("Note on vggt");
        Path video = out().resolve("first").resolve(sample.path("sampleId").asText() + ".mp4");
        assertThat(VideoReader.probe(video).frames()).isEqualTo(17);
    }

    private void replayGeneratesNothing(Path config) throws Exception {
        Path weights = folder.resolve("weights.yaml");
        Files.writeString(
                weights,
                "candidate: {seeds: [7, 8], steps: 2}\n"
                        + "ranking: {frames: 4, maskFrames: 2, minSpread: 0, geometry:"
                        + " [epipolar_sampson], weights: {identity: 0, concentration: 0, temporal:"
                        + " 1}}\n");
        assertThat(
                        reelrank(
                                "replay",
                                "--run",
                                "first",
                                "--from",
                                "ranking",
                                "--config",
                                weights.toString(),
                                "--as",
                                "second"))
                .as(said())
                .isZero();
        // Another run of the first configuration finds all its own results.
        assertThat(
                        reelrank(
                                "run",
                                "--num-samples",
                                "1",
                                "--config",
                                config.toString(),
                                "--run",
                                "third",
                                "--out",
                                out().toString()))
                .as(said())
                .isZero();
        report("third")
                .at("/samples/0/timings")
                .forEach(t -> assertThat(t.path("reused").asBoolean()).isTrue());
        prunes(config);
        estimates(config);
        assertThat(reelrank("collect", "--run", "second", "--out", out().toString()))
                .as(said())
                .isIn(0, 1);
        JsonNode second = report("second").at("/samples/0");
        assertThat(second.at("/timings/candidate-7/reused").isMissingNode()).isFalse();
        assertThat(report("second").path("inheritedFrom").asText()).isEqualTo("first");

        assertThat(
                        reelrank(
                                "collect",
                                "--run",
                                "first",
                                "--out",
                                folder.resolve("again").toString()))
                .as(said())
                .isZero();
        assertThat(Files.readString(folder.resolve("again/first/report.json")))
                .isEqualTo(Files.readString(out().resolve("first/report.json")));
        studyWithoutGeneratingAnything();
    }

    /** The score or the reason why there is none: in the report, on the sheet, in the studio. */
    private void replayShowsTheGeometryThatItAskedFor(String address) throws Exception {
        JsonNode sample = report("second").at("/samples/0");
        JsonNode before = report("first").at("/samples/0/candidates/0/geometry");
        assertThat(before.isArray() && before.isEmpty()).as("nobody asked").isTrue();
        for (JsonNode candidate : sample.path("candidates")) {
            JsonNode geometry = candidate.at("/geometry/0");
            assertThat(geometry.path("metric").asText()).isEqualTo("epipolar_sampson");
            assertThat(geometry.path("score").isNumber() || geometry.path("reason").isTextual())
                    .as(candidate.toPrettyString())
                    .isTrue();
            assertThat(geometry.at("/parts/pairs").asInt()).isPositive();
        }
        String id = sample.path("sampleId").asText();
        assertThat(out().resolve("second/sheets/" + id + ".png")).isNotEmptyFile();
        var page = HttpRequest.newBuilder(URI.create(address + "/runs/second/" + id)).build();
        assertThat(HttpClient.newHttpClient().send(page, BodyHandlers.ofString()).body())
                .contains("epipolar_sampson");
    }

    /** Two weights of the ranking over the videos that are there, and two equal runs. */
    private void studyWithoutGeneratingAnything() throws Exception {
        Path study = folder.resolve("study.yaml");
        Files.writeString(
                study,
                """
                name: weights
                question: Does the weight of time matter?
                first: 1
                set: {candidate.seeds: [7, 8], candidate.steps: 2, ranking.frames: 4, ranking.maskFrames: 2}
                cells:
                  - {name: usual}
                  - {name: time alone, set: {ranking.minSpread: 0, ranking.weights: {identity: 0, concentration: 0, temporal: 1}}}
                  - {name: the metrics, choose: metrics}
                """);
        Path report = folder.resolve("report");
        assertThat(reelrank("study", study.toString(), "--out", report.toString()))
                .as(said())
                .isZero();
        assertThat(Files.readString(report.resolve("report.html")))
                .contains("Does the weight of time matter?", "time alone", "data:video/mp4");
        JsonNode cells = JSON.readTree(report.resolve("study.json").toFile()).path("cells");
        assertThat(cells).hasSize(3);
        for (JsonNode cell : cells) {
            JsonNode figures = cell.at("/samples/0/figures");
            assertThat(figures.at("/identity_clip/value").asDouble()).isBetween(0.3, 1.0);
            assertThat(figures.at("/videoreward_visual/value").isNull()).isTrue();
            assertThat(figures.at("/videoreward_visual/reason").asText()).contains("videoreward");
        }
        // The same again, as a guard against itself, computes nothing and finds nothing worse.
        String baseline = report.resolve("study.json").toString();
        assertThat(
                        reelrank(
                                "study",
                                study.toString(),
                                "--out",
                                folder.resolve("guard").toString(),
                                "--baseline",
                                baseline))
                .as(said())
                .isZero();
        assertThat(reelrank("compare", "first", "third", "--out", report.toString()))
                .as(said())
                .isZero();
        assertThat(command().output()).contains("equal in");
        pairsOfFramesThatAreGeneratedAgain();
    }

    private void pairsOfFramesThatAreGeneratedAgain() throws Exception {
        Path pairs = folder.resolve("pairs.jsonl");
        assertThat(
                        reelrank(
                                "pairs",
                                "--run",
                                "first",
                                "--by",
                                "jitter:img2img",
                                "--out",
                                pairs.toString()))
                .as(said())
                .isZero();
        assertThat(Files.readAllLines(pairs)).isNotEmpty();
        for (String line : Files.readAllLines(pairs)) {
            JsonNode pair = JSON.readTree(line);
            assertThat(pair.path("source").asText()).isEqualTo("jitter:img2img");
            assertThat(pair.at("/loser/blob/sha256")).isNotEqualTo(pair.at("/winner/blob/sha256"));
        }
    }

    /** Both drafts are new; the one that is kept was finished before, by the first run. */
    private void prunes(Path config) throws IOException, InterruptedException {
        assertThat(
                        reelrank(
                                "run",
                                "--num-samples",
                                "1",
                                "--config",
                                config.toString(),
                                "--set",
                                "candidate.prune.after=1",
                                "--set",
                                "candidate.prune.keep=1",
                                "--run",
                                "pruned",
                                "--out",
                                out().toString()))
                .as(said())
                .isZero();
        JsonNode sample = report("pruned").at("/samples/0");
        assertThat(sample.path("status").asText()).isEqualTo("done");
        assertThat(sample.path("partial").asBoolean()).as("pruned is not failed").isFalse();
        assertThat(sample.path("failures")).isEmpty();
        assertThat(sample.path("candidates")).hasSize(1);
        JsonNode pruned = sample.at("/pruned/0");
        assertThat(pruned.path("steps").asInt()).isEqualTo(1);
        assertThat(pruned.at("/scores/composite").isNumber()).isTrue();
        Path preview = out().resolve("pruned").resolve(pruned.path("preview").asText());
        assertThat(VideoReader.probe(preview).frames()).isEqualTo(4);
        long kept = sample.at("/candidates/0/seed").asLong();
        assertThat(sample.at("/timings/draft-" + kept + "/reused").asBoolean()).isFalse();
        assertThat(sample.at("/timings/candidate-" + kept + "/reused").asBoolean()).isTrue();
        assertThat(
                        out().resolve("pruned/sheets")
                                .resolve(sample.path("sampleId").asText() + "-previews.png"))
                .exists();
    }

    /** The third run only reused what the first one computed, which tells nothing of time. */
    private void estimates(Path config) throws IOException, InterruptedException {
        assertThat(
                        reelrank(
                                "estimate",
                                "--samples",
                                "70",
                                "--seeds",
                                "3",
                                "--gpus",
                                "8",
                                "--config",
                                config.toString()))
                .as(said())
                .isZero();
        assertThat(command().output())
                .containsPattern("70 samples × 3 seeds on 8 GPUs: .+ GPU hours \\(by run first\\)");
        assertThat(
                        reelrank(
                                "estimate",
                                "--samples",
                                "70",
                                "--config",
                                config.toString(),
                                "--set",
                                "candidate.steps=3"))
                .isEqualTo(ExitCode.CONFIG);
        assertThat(said()).contains("run two samples with them first");
        assertThat(reelrank("status", "--run", "first")).as(said()).isZero();
        assertThat(command().output()).contains("CPU seconds (").contains("candidate");
    }

    @AfterEach
    void endTheFarm() throws IOException, InterruptedException {
        EndOfFarm.await(new ReelrankProcess(folder).data());
    }

    private Path out() {
        return folder.resolve("out");
    }

    private JsonNode report(String run) throws IOException {
        return JSON.readTree(out().resolve(run).resolve("report.json").toFile());
    }

    private int reelrank(String... arguments) throws IOException, InterruptedException {
        return command().run(arguments);
    }

    private String said() throws IOException {
        return command().said();
    }

    private ReelrankProcess command() {
        return new ReelrankProcess(folder);
    }
}
