package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole pipeline through the command line, as a user runs it: real broker, real processes, the
 * small real models.
 */
final class WholeRunTest {
    private static final Path HOME = Path.of("../..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldTurnASampleIntoAGradedVideoAndRerankItWithoutGeneratingAnything() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(HOME.resolve("models/testbed/wan")),
                "this checkout leaves the weights out");
        Path config = folder.resolve("small.yaml");
        Files.writeString(
                config,
                "candidate: {seeds: [7, 8], steps: 2}\nranking: {frames: 4, maskFrames: 2}\n");

        int code =
                reelrank(
                        "run",
                        "--num-samples",
                        "1",
                        "--config",
                        config.toString(),
                        "--run",
                        "first",
                        "--out",
                        out().toString());
        assertThat(code).as(said()).isZero();
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
        Path video = out().resolve("first").resolve(sample.path("sampleId").asText() + ".mp4");
        assertThat(VideoReader.probe(video).frames()).isEqualTo(17);

        Path weights = folder.resolve("weights.yaml");
        Files.writeString(
                weights,
                "candidate: {seeds: [7, 8], steps: 2}\nranking: {frames: 4, maskFrames: 2, minSpread: 0, weights: {identity: 0, concentration: 0, temporal: 1}}\n");
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
        // Workers are needed for the new ranking: another run of the first configuration brings
        // them, and finds all its own results.
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
    }

    /** The farm ends a few seconds after the last command; until then it writes into the folder. */
    @AfterEach
    void awaitTheEndOfTheFarm() throws IOException, InterruptedException {
        Path lock = folder.resolve("data/supervisor.lock");
        Instant limit = Instant.now().plusSeconds(120);
        while (Files.exists(lock) && Instant.now().isBefore(limit)) {
            try (var channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                if (channel.tryLock() != null) {
                    return;
                }
            }
            Thread.sleep(200);
        }
    }

    private Path out() {
        return folder.resolve("out");
    }

    private JsonNode report(String run) throws IOException {
        return JSON.readTree(out().resolve(run).resolve("report.json").toFile());
    }

    private int reelrank(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx512m",
                                "-Dai.djl.onnx.disable_alternative=true",
                                "-Djava.awt.headless=true",
                                "-Dreelrank.home=" + HOME,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.reelrank.cli.Main"));
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().put("REELRANK_DATA", folder.resolve("data").toString());
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        return builder.start().waitFor();
    }

    private Path log() {
        return folder.resolve("said.log");
    }

    private String said() throws IOException {
        return Files.exists(log()) ? Files.readString(log(), StandardCharsets.UTF_8) : "";
    }
}
