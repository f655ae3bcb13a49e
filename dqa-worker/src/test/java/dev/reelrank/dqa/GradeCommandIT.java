package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class GradeCommandIT {
    @TempDir Path folder;
    private Path still;
    private Path video;

    @BeforeEach
    void render() {
        still = folder.resolve("still.png");
        Images.writePng(still, RenderedClips.still(1));
        video = RenderedClips.rendered(folder.resolve("clean-" + 1 + "-" + 9 + ".mp4"), 1, 9);
    }

    @Test
    void shouldPrintEveryEvidenceAndExplainIt() throws Exception {
        JsonNode grade = json("--json", "--explain", folder.resolve("why").toString());

        assertThat(grade.path("grade").asText()).isNotEmpty();
        assertThat(grade.path("score").asDouble()).isBetween(0.0, 1.0);
        assertThat(grade.path("partial").isBoolean()).isTrue();
        for (String kind :
                List.of("semantic", "spatial", "benchmark", "preference", "visionReward")) {
            JsonNode e = grade.path("evidence").path(kind);
            assertThat(e.has("score") && e.has("weight") && e.has("used")).as(kind).isTrue();
            assertThat(e.path("details").isObject()).as(kind).isTrue();
        }
        assertThat(folder.resolve("why/0-clean-1-9.json")).exists();
        assertThat(folder.resolve("why/0-clean-1-9-first.png")).exists();
        assertThat(folder.resolve("why/0-clean-1-9-last.png")).exists();
    }

    @Test
    void shouldPrintTheVerifiersFormat() throws Exception {
        JsonNode v = json("--json", "--verify-only");
        assertThat(v.path("semantic_score").asDouble()).isBetween(0.0, 1.0);
        assertThat(v.path("spatial_score").asDouble()).isBetween(0.0, 1.0);
        assertThat(v.path("benchmark_score").asDouble()).isBetween(0.0, 1.0);
        assertThat(v.path("prompt_adherence").asDouble()).isBetween(0.0, 1.0);
        assertThat(v.path("reasoning").asText()).contains("keeps to the prompt");
        assertThat(v.has("evidence")).isFalse();
    }

    @Test
    void shouldRefuseABudgetThatAPhaseExceeds() {
        refused(FailureCode.INVALID_CONFIG, "language phase", "--memory-budget", "0.3GB");
    }

    @Test
    void shouldRefuseABudgetThatIsNoSize() {
        refused(FailureCode.INVALID_CONFIG, "such as 24GB", "--memory-budget", "plenty");
    }

    @Test
    void shouldNameAVideoThatIsNotThere() {
        refused(
                FailureCode.UNREADABLE_VIDEO,
                "nowhere.mp4",
                folder.resolve("nowhere.mp4").toString());
    }

    @Test
    void shouldGradeTheOthersAndFailWhenOneVideoCannotBeRead() throws Exception {
        Path broken = Files.write(folder.resolve("broken.mp4"), new byte[3000]);
        var out = new StringWriter();
        assertThatThrownBy(() -> run(out, "--json", broken.toString()))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO));
        JsonNode all = new ObjectMapper().readTree(out.toString());
        assertThat(all.get(0).path("grade").asText()).isNotEmpty();
        assertThat(all.get(1).path("error").path("code").asText()).isEqualTo("UNREADABLE_VIDEO");
    }

    private void refused(FailureCode code, String part, String... arguments) {
        assertThatThrownBy(() -> run(new StringWriter(), arguments))
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(part);
    }

    private JsonNode json(String... arguments) throws Exception {
        var out = new StringWriter();
        run(out, arguments);
        return new ObjectMapper().readTree(out.toString());
    }

    private void run(StringWriter out, String... arguments) throws Exception {
        var all =
                new ArrayList<>(
                        List.of(
                                "--models",
                                TestbedStage.MODELS.toString(),
                                "--prompt",
                                RenderedClips.prompt(1),
                                "--reference",
                                still.toString(),
                                "--device",
                                "cpu",
                                "--threads",
                                "1",
                                "--frames",
                                "2",
                                video.toString()));
        all.addAll(List.of(arguments));
        var line = new CommandLine(new GradeCommand());
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(new StringWriter(), true));
        List<Exception> thrown = new ArrayList<>();
        line.setExecutionExceptionHandler(
                (e, c, p) -> {
                    thrown.add(e);
                    return 1;
                });
        int exit = line.execute(all.toArray(String[]::new));
        if (!thrown.isEmpty()) {
            throw thrown.get(0);
        }
        assertThat(exit).isZero();
    }
}
