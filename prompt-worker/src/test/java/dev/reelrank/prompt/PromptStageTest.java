package dev.reelrank.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.Images;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.Stores;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The stage and the command on tiny random weights, whose answers keep no rule. */
class PromptStageTest {
    private static final Path TINY =
            Path.of("../modules/qwen/src/test/resources/dev/reelrank/qwen/tiny");

    @TempDir Path folder;
    private ResultStore store;

    @BeforeEach
    void open() {
        store = Stores.open(folder.resolve("store").toString());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static PromptConfig config(String mode) {
        return new PromptConfig(mode, null, 16, 0, true, "", List.of(), 40, "auto");
    }

    private PromptStage stage(Path models) {
        return new PromptStage(
                ModelFolders.of(models), new FileFingerprints(folder.resolve("cache")), Device.CPU);
    }

    private static byte[] png() {
        var rgb = new byte[40 * 30 * 3];
        for (var i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 31);
        }
        return Images.png(new RgbImage(40, 30, rgb));
    }

    private PromptRequest request(String prompt, String mode) {
        return new PromptRequest(prompt, store.putBlob(png(), "image/png"), config(mode));
    }

    private StageContext context() {
        return new StageContext() {
            @Override
            public void progress(int item, int step, int of) {}

            @Override
            public boolean cancelled() {
                return false;
            }

            @Override
            public ResultStore store() {
                return store;
            }

            @Override
            public Path scratch() {
                return folder;
            }

            @Override
            public Device device() {
                return Device.CPU;
            }
        };
    }

    @Test
    void shouldComputeOnceAndThenFindItWithoutLoading() {
        var request = request("A red ring slides slowly to the left.", "ultra_enrich");
        PromptResult first;
        try (var runner = StageRunner.of(stage(TINY), store, Device.CPU)) {
            var answer = runner.run(request);
            first = answer.result();
            assertThat(answer.computation().reused()).isFalse();
            assertThat(answer.computation().precision()).isEqualTo("fp32");
        }
        assertThat(first.source()).isEqualTo(PromptResult.Source.ORIGINAL);
        assertThat(first.prompt()).isEqualTo("A red ring slides slowly to the left.");
        assertThat(first.attempts()).isEqualTo(2);
        assertThat(first.repaired()).endsWith("original prompt used");
        try (var runner = StageRunner.of(stage(TINY), store, Device.CPU)) {
            var again = runner.run(request);
            assertThat(again.result()).isEqualTo(first);
            assertThat(again.computation().reused()).isTrue();
            assertThat(again.computation().loadMillis()).isZero();
        }
    }

    @Test
    void shouldFailOnlyTheRequestAtFault() {
        var noPicture = store.putBlob(new byte[] {1, 2, 3}, "image/png");
        var requests =
                List.of(
                        request("A red ring turns.", "simplify_v2"),
                        new PromptRequest("A blue cat jumps.", noPicture, config("simplify_v2")),
                        request("  \u200b ", "simplify_v2"),
                        request("word ".repeat(3000), "simplify_v2"),
                        request("A green star falls.", "decompose"));
        var outcomes = new ArrayList<Outcome<PromptResult>>();
        try (var stage = stage(TINY)) {
            stage.load(stage.loadKey(config("simplify_v2")), Device.CPU);
            outcomes.addAll(stage.run(requests, context()));
        }
        assertThat(outcomes.get(0)).isInstanceOf(Outcome.Success.class);
        assertThat(code(outcomes.get(1))).isEqualTo(FailureCode.UNREADABLE_IMAGE);
        assertThat(code(outcomes.get(2))).isEqualTo(FailureCode.EMPTY_PROMPT);
        assertThat(code(outcomes.get(3))).isEqualTo(FailureCode.PROMPT_TOO_LONG);
        assertThat(outcomes.get(4)).isInstanceOf(Outcome.Success.class);
    }

    private static FailureCode code(Outcome<?> outcome) {
        return ((Outcome.Failed<?>) outcome).code();
    }

    @Test
    void shouldNeedNoModelForModeNone() throws Exception {
        var empty = Files.createDirectory(folder.resolve("empty"));
        try (var runner = StageRunner.of(stage(empty), store, Device.CPU)) {
            var answer = runner.run(request("A red ring turns.", "none"));
            assertThat(answer.result().prompt()).isEqualTo("A red ring turns.");
            assertThat(answer.result().attempts()).isZero();
            assertThatThrownBy(() -> runner.run(request("A red ring turns.", "enhance")))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                    .hasMessageContaining("empty");
        }
    }

    @Test
    void shouldHaveAnotherFingerprintForOtherWeightsOnly() {
        try (var stage = stage(TINY)) {
            var key = stage.loadKey(config("simplify_v2"));
            assertThat(stage.loadKey(config("enhance"))).isEqualTo(key);
            assertThat(stage.fingerprint(key).parts())
                    .containsKeys("qwen/model.safetensors", "qwen/tokenizer.json", "instructions");
            assertThat(stage.needs(key, config("enhance")).deviceGib()).isBetween(0.3, 1.5);
        }
    }

    private static int run(StringWriter out, String... arguments) {
        return new CommandLine(new PromptCommand())
                .setOut(new PrintWriter(out))
                .setExecutionExceptionHandler(
                        (e, line, parsed) -> {
                            line.getOut().println(e.getMessage());
                            return 1;
                        })
                .execute(arguments);
    }

    @Test
    void shouldPrintWhatWasWrittenAndWhetherItWasFound() throws Exception {
        var image = Files.write(folder.resolve("ring.png"), png());
        String[] arguments = {
            "--models",
            TINY.toString(),
            "--image",
            image.toString(),
            "--prompt",
            "A red ring turns.",
            "--max-new-tokens",
            "8",
            "--device",
            "cpu",
            "--json",
            "--store",
            folder.resolve("store").toString(),
            "--system",
            "Say something."
        };
        var json = new ObjectMapper();
        var first = new StringWriter();
        assertThat(run(first, arguments)).isZero();
        var report = json.readTree(first.toString());
        assertThat(report.get("cached").asBoolean()).isFalse();
        assertThat(report.get("attempts").asInt()).isEqualTo(1);
        assertThat(report.get("tokenIds")).isNotEmpty();
        assertThat(report.get("cacheKey").asText()).hasSize(64);
        var second = new StringWriter();
        run(second, arguments);
        assertThat(json.readTree(second.toString()).get("cached").asBoolean()).isTrue();
        assertThat(json.readTree(second.toString()).get("prompt")).isEqualTo(report.get("prompt"));

        var refreshed = new StringWriter();
        var more = new ArrayList<>(List.of(arguments));
        more.add("--refresh");
        run(refreshed, more.toArray(String[]::new));
        assertThat(json.readTree(refreshed.toString()).get("cached").asBoolean()).isFalse();
    }

    @Test
    void shouldSayWhatIsWrongWithAPicture() throws Exception {
        var text = Files.writeString(folder.resolve("no.png"), "no picture");
        var out = new StringWriter();
        assertThat(
                        run(
                                out,
                                "--models",
                                TINY.toString(),
                                "--image",
                                text.toString(),
                                "--prompt",
                                "A ring turns.",
                                "--device",
                                "cpu",
                                "--store",
                                folder.resolve("store").toString()))
                .isEqualTo(1);
        assertThat(out.toString()).contains("no.png");
    }

    @Test
    void shouldUseTheOriginalWhenAnEndpointAnswersGarbage() throws Exception {
        var server =
                com.sun.net.httpserver.HttpServer.create(
                        new java.net.InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/v1/chat/completions",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, 3);
                    exchange.getResponseBody().write(new byte[] {'{', 'x', '}'});
                    exchange.close();
                });
        server.start();
        var endpoint =
                new Endpoint(
                        java.net.URI.create(
                                "http://127.0.0.1:" + server.getAddress().getPort() + "/v1"),
                        "m",
                        "",
                        java.time.Duration.ofSeconds(20),
                        1,
                        java.time.Duration.ofMillis(1));
        try (var runner =
                StageRunner.of(new PromptStage(new RemoteBackend(endpoint)), store, Device.CPU)) {
            var result = runner.run(request("A red ring turns.", "simplify_v2")).result();
            assertThat(result.source()).isEqualTo(PromptResult.Source.ORIGINAL);
            assertThat(result.prompt()).isEqualTo("A red ring turns.");
            assertThat(result.repaired()).isEqualTo("the answer is empty: original prompt used");
            assertThat(result.attempts()).isEqualTo(2);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void shouldStoreNothingWhileAnEndpointIsAway() {
        var endpoint =
                new Endpoint(
                        java.net.URI.create("http://127.0.0.1:9/v1"),
                        "m",
                        "",
                        java.time.Duration.ofSeconds(2),
                        1,
                        java.time.Duration.ofMillis(1));
        var request = request("A red ring turns.", "simplify_v2");
        try (var runner =
                StageRunner.of(new PromptStage(new RemoteBackend(endpoint)), store, Device.CPU)) {
            assertThatThrownBy(() -> runner.run(request))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.ENDPOINT_UNAVAILABLE));
        }
        assertThat(folder.resolve("store/results")).isEmptyDirectory();
    }
}
