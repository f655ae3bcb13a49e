package dev.reelrank.bench.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command on the tiny model of wan's tests; make.py wrote the fixture with diffusers. */
final class ConformanceIT {
    private static final Path MODELS = Path.of("../wan/src/test/resources/wan");
    private static final Path ANIMATEDIFF =
            Path.of("../animatediff/src/test/resources/animatediff");
    private static final Path FIXTURES =
            Path.of("src/test/resources/dev/reelrank/bench/conformance");

    @TempDir Path folder;

    private int run(Path fixtures, String... more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--models",
                                MODELS.toString(),
                                "--fixtures",
                                fixtures.toString(),
                                "--json",
                                folder.resolve("figures.json").toString()));
        arguments.addAll(List.of(more));
        return new CommandLine(new ConformanceCommand()).execute(arguments.toArray(String[]::new));
    }

    private JsonNode figures() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("figures.json").toFile());
    }

    /** The committed fixture with one text of its description replaced. */
    private Path changed(String what, String by) throws IOException {
        Path copy = folder.resolve("fixtures");
        Path source = FIXTURES.resolve("i2v");
        try (var files = Files.walk(source)) {
            for (var file : files.toList()) {
                Path target = copy.resolve("i2v").resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        Path description = copy.resolve("i2v/case.json");
        String text = Files.readString(description);
        assertThat(text).contains(what);
        Files.writeString(description, text.replace(what, by));
        return copy;
    }

    @Test
    void shouldFindNoPartThatDiffersFromDiffusers() throws IOException {
        assertThat(run(FIXTURES)).isZero();
        assertThat(figures().path("passed").asInt()).isEqualTo(1);
        assertThat(figures().path("parts").findValuesAsText("part"))
                .containsExactlyInAnyOrder(
                        "cleaning",
                        "tokenizer",
                        "text",
                        "vae encoder",
                        "vae decoder",
                        "transformer",
                        "transformer_2",
                        "lora on transformer",
                        "lora on transformer_2",
                        "timesteps",
                        "noise levels",
                        "scheduler",
                        "pipeline",
                        "frames");
        assertThat(figures().path("parts"))
                .allSatisfy(part -> assertThat(part.path("comparisons").asInt()).isPositive());
    }

    @Test
    void shouldStayNearDiffusersInBfloat16() throws IOException {
        assertThat(run(FIXTURES, "--precision", "bf16")).isZero();
        var errors = new TreeMap<String, Double>();
        figures()
                .path("parts")
                .forEach(
                        part ->
                                errors.put(
                                        part.path("part").asText(),
                                        part.path("largestError").asDouble()));
        // Rounded to eight bits: an error below the one of float32 would be another precision.
        assertThat(errors)
                .hasEntrySatisfying("transformer", e -> assertThat(e).isBetween(1e-3, 0.05))
                .hasEntrySatisfying("text", e -> assertThat(e).isBetween(1e-3, 0.05))
                // The original itself is 0.095 away, which the fixture knows.
                .hasEntrySatisfying("vae decoder", e -> assertThat(e).isBetween(0.05, 0.19))
                .containsEntry("tokenizer", 0.0);
        assertThat(run(FIXTURES, "--precision", "bf16", "--limit", "1e-4")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "swap", "stream"})
    void shouldComputeTheSameInEveryOffloadMode(String mode) throws IOException {
        assertThat(run(FIXTURES)).isZero();
        var resident = figures().path("parts");
        assertThat(run(FIXTURES, "--offload", mode)).isZero();
        assertThat(figures().path("parts")).isEqualTo(resident);
    }

    /** The fixture of a pipeline that AnimateDiff's own tests compare with. */
    private void animateDiffCase(Path fixtures, String prompt) throws IOException {
        Path made = Files.createDirectories(fixtures.resolve("sd8"));
        var json = new ObjectMapper();
        var known = json.readTree(ANIMATEDIFF.resolve("pipelines.json").toFile()).path("sd8");
        var description =
                json.createObjectNode()
                        .put("format", 1)
                        .put("kind", "animatediff")
                        .put("model", "sd");
        description
                .putObject("pipeline")
                .put("prompt", prompt)
                .put("negative", known.path("negative").asText())
                .put("steps", known.path("steps").asInt())
                .put("seed", known.path("seed").asLong())
                .put("guidance", known.path("guidance").asDouble())
                .put("width", known.path("w").asInt())
                .put("height", known.path("h").asInt())
                .put("frames", known.path("f").asInt())
                .put("latents", "pipeline.sd8.latents")
                .put("pictures", "pipeline.sd8.frames");
        json.writeValue(made.resolve("case.json").toFile(), description);
        Files.copy(
                ANIMATEDIFF.resolve("expected.safetensors"), made.resolve("tensors.safetensors"));
    }

    private int runAnimateDiff(String prompt) throws IOException {
        Path fixtures = folder.resolve("videos");
        animateDiffCase(fixtures, prompt);
        return new CommandLine(new ConformanceCommand())
                .execute(
                        "--models",
                        ANIMATEDIFF.toString(),
                        "--fixtures",
                        fixtures.toString(),
                        "--json",
                        folder.resolve("figures.json").toString());
    }

    @Test
    void shouldCompareWholeVideosOfOtherFamilies() throws IOException {
        String prompt =
                new ObjectMapper()
                        .readTree(ANIMATEDIFF.resolve("prompts.json").toFile())
                        .get(0)
                        .asText();
        assertThat(runAnimateDiff(prompt)).isZero();
        assertThat(figures().path("parts").findValuesAsText("part"))
                .containsExactlyInAnyOrder("pipeline", "frames");
    }

    @Test
    void shouldNoticeAVideoOfAnotherPrompt() throws IOException {
        assertThat(runAnimateDiff("a red moon")).isEqualTo(1);
    }

    @Test
    void shouldNameThePartThatDiffers() throws IOException {
        assertThat(run(changed("\"expert.text\"", "\"text.1\""))).isEqualTo(1);
        assertThat(figures().path("failures").findValuesAsText("part"))
                .contains("transformer", "transformer_2", "lora on transformer")
                .doesNotContain("vae encoder", "text");
    }

    @Test
    void shouldGoOnAfterAModelThatCannotBeRead() throws IOException {
        assertThat(run(changed("\"model\": \"i2v\"", "\"model\": \"absent\""))).isEqualTo(1);
        assertThat(figures().path("broken").get(0).path("reason").asText()).contains("absent");
        assertThat(figures().path("passed").asInt()).isZero();
    }
}
