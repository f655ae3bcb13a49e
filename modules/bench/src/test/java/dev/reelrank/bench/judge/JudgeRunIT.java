package dev.reelrank.bench.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.client.config.AlignFile;
import dev.reelrank.pipeline.Device;
import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest way: two selections, one step, two pairs that judge. */
final class JudgeRunIT {
    private static final Path MODELS = Path.of("../../models/testbed");

    @TempDir Path work;

    @Test
    void shouldLetBothModelsLearnAndJudgeTheSamePairs() throws IOException {
        assumeTrue(Files.isDirectory(MODELS.resolve("qwen")), "models/testbed is not here");
        var config = AlignFile.preset("judge");
        for (String setting : List.of("precision=fp32", "warmup=0", "steps=1", "pairsPerStep=1")) {
            config = AlignFile.set("align." + setting, config);
        }
        var run =
                new JudgeRun(
                        MODELS,
                        work,
                        Split.VALIDATION,
                        List.of(2),
                        2,
                        List.of(Taste.values()),
                        config,
                        Device.CPU,
                        1);
        var said = new ArrayList<String>();
        var json = run.measure(said::add);
        assertThat(said.get(0)).isEqualTo("measuring 8 videos for the linear model");
        for (String taste : List.of("larger", "slower", "left")) {
            var row = json.path("tastes").path(taste).path(0);
            assertThat(row.path("selections").asInt()).isEqualTo(2);
            for (String model : List.of("head", "vlm", "vlmBase")) {
                assertThat(row.path(model).path("accuracy").asDouble(-1))
                        .isIn(0.0, 0.25, 0.5, 0.75, 1.0);
            }
            assertThat(row.path("vlmLoss").asDouble()).isPositive();
        }
        said.clear();
        run.measure(said::add);
        assertThat(said).as("features are kept").noneMatch(s -> s.startsWith("measuring"));
    }

    @Test
    void shouldDrawCandidatesThatDifferInWhatTastesAreAbout() {
        var c = Candidates.of(Split.VALIDATION, 3, work);
        assertThat(c.first().speed()).isNotEqualTo(c.second().speed());
        assertThat(c.first().first().radius()).isNotEqualTo(c.second().first().radius());
        for (Taste taste : Taste.values()) {
            assertThat(taste.prefers(c.first(), c.second()))
                    .isNotEqualTo(taste.prefers(c.second(), c.first()));
        }
        assertThat(c.firstVideo()).isNotEmptyFile();
    }
}
