package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest way: one pair, a step for each expert, one held-out clip per side. */
final class ResultRunIT {
    private static final Path MODELS = Path.of("../../models/testbed");

    @TempDir Path work;

    @Test
    void shouldTrainOnAPairAndCompareOnAHeldOutScene() throws IOException {
        assumeTrue(Files.isDirectory(MODELS.resolve("wan")), "models/testbed is not here");
        var run = run(work, new Workers(List.of(Device.CPU), 1), 1, ResultRun.Until.END);
        var said = new ArrayList<String>();
        var json = run.measure(ResultRun.Result.FLICKERING, said::add);
        assertThat(json.path("pairs").asInt()).isEqualTo(1);
        assertThat(json.path("recipe").path("steps").asInt()).isEqualTo(2);
        assertThat(json.path("clips").asInt()).isEqualTo(1);
        assertThat(json.path("comparison").path("state").asText()).isIn("accepted", "rejected");
        assertThat(said).anyMatch(line -> line.startsWith("step 2 of 2"));
        var report = ComparisonReport.read(work.resolve("report-flickering/report.json"));
        assertThat(report.clips()).hasSize(1);
        assertThat(work.resolve("report-flickering/validation-0-1.gif")).isNotEmptyFile();
        said.clear();
        var again = run.measure(ResultRun.Result.FLICKERING, said::add);
        assertThat(again.path("comparison")).isEqualTo(json.path("comparison"));
        assertThat(again.path("trainingSeconds"))
                .as("of the call that trained")
                .isEqualTo(json.path("trainingSeconds"));
        assertThat(said).as("everything was kept").isEmpty();
        try (var figures = Files.list(work.resolve("figures"))) {
            assertThat(figures).as("one file per side, however often it is asked for").hasSize(2);
        }
        // Interrupted after its last step, before the curves were drawn.
        Files.delete(work.resolve("flickering/finished"));
        Files.delete(work.resolve("flickering/loss.png"));
        assertThat(run.measure(ResultRun.Result.FLICKERING, said::add).path("comparison"))
                .isEqualTo(json.path("comparison"));
        assertThat(work.resolve("flickering/loss.png")).isNotEmptyFile();
        shouldGoOnWithoutItsPairs(json);
    }

    private void shouldGoOnWithoutItsPairs(ObjectNode before) throws IOException {
        Files.move(work.resolve("pairs"), work.resolve("elsewhere"));
        var alone = new Workers(List.of(Device.CPU), 1);
        var said = new ArrayList<String>();
        var json =
                run(work, alone, 1, ResultRun.Until.END)
                        .measure(ResultRun.Result.FLICKERING, said::add);
        assertThat(said).singleElement().asString().contains("trained on 1");
        assertThat(json).isEqualTo(before);
        var more = run(work, alone, 2, ResultRun.Until.END);
        assertThatThrownBy(() -> more.measure(ResultRun.Result.FLICKERING, said::add))
                .as("the adapter of another number of pairs")
                .isInstanceOf(StageException.class)
                .hasMessageContaining("--pairs 1, not of 2");
        Files.writeString(work.resolve("flickering/finished"), "Recipe[another] on 0");
        var same = run(work, alone, 1, ResultRun.Until.END);
        assertThatThrownBy(() -> same.measure(ResultRun.Result.FLICKERING, said::add))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("another training");
    }

    @Test
    void shouldMakeTheSameWithTwoWorkers() throws IOException {
        assumeTrue(Files.isDirectory(MODELS.resolve("wan")), "models/testbed is not here");
        var one = work.resolve("one");
        var two = work.resolve("two");
        var alone = new Workers(List.of(Device.CPU), 1);
        var shared = new Workers(List.of(Device.CPU), 2);
        run(one, alone, 2, ResultRun.Until.TRAINING)
                .measure(ResultRun.Result.FLICKERING, said -> {});
        run(two, shared, 2, ResultRun.Until.TRAINING)
                .measure(ResultRun.Result.FLICKERING, said -> {});
        for (String file :
                List.of(
                        "pairs/train-2000.safetensors",
                        "pairs/train-2001.safetensors",
                        "flickering/high_noise_model.safetensors",
                        "flickering/low_noise_model.safetensors")) {
            assertThat(two.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
        }
        var scenes = SceneSample.range(Split.VALIDATION, 0, 2);
        assertThat(
                        new SideClips(MODELS, two, shared, said -> {})
                                .of(scenes, List.of(1L), List.of(), "base"))
                .isEqualTo(
                        new SideClips(MODELS, one, alone, said -> {})
                                .of(scenes, List.of(1L), List.of(), "base"));
    }

    @Test
    void shouldSayThatTheTrainingWithoutAGuardWasLeftOut() throws IOException {
        assumeTrue(Files.isDirectory(MODELS.resolve("wan")), "models/testbed is not here");
        var workers = new Workers(List.of(Device.CPU), 1);
        var json =
                run(work, workers, 1, true, ResultRun.Until.PAIRS)
                        .measure(ResultRun.Result.VIDEO_DPO, said -> {});
        assertThat(json.path("withoutGuard").path("missed")).hasSize(1);
        assertThat(json.path("withoutGuard").path("missed").get(0).asText())
                .contains("left out by --alone");
    }

    private static ResultRun run(Path work, Workers workers, int pairs, ResultRun.Until until) {
        return run(work, workers, pairs, false, until);
    }

    private static ResultRun run(
            Path work, Workers workers, int pairs, boolean alone, ResultRun.Until until) {
        return new ResultRun(
                MODELS,
                work,
                work.resolve("pairs"),
                work.resolve("figures"),
                HeldOutChoice.range(Split.VALIDATION, 0, 1, 1, 1),
                pairs,
                0,
                Map.of("steps", "2", "pairsPerStep", "2"),
                alone,
                workers,
                until);
    }
}
