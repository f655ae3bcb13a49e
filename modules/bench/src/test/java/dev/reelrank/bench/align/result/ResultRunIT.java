package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest way: one pair, a step for each expert, one held-out clip per side. */
final class ResultRunIT {
    private static final Path MODELS = Path.of("../../models/testbed");

    @TempDir Path work;

    @Test
    void shouldTrainOnAPairAndCompareOnAHeldOutScene() throws IOException {
        assumeTrue(Files.isDirectory(MODELS.resolve("wan")), "models/testbed is not here");
        var run = new ResultRun(MODELS, work, Split.VALIDATION, 0, 1, 1, 1, 2, 1);
        var said = new ArrayList<String>();
        var json = run.measure(ResultRun.Result.FLICKERING, said::add);
        assertThat(json.path("pairs").asInt()).isEqualTo(1);
        assertThat(json.path("recipe").path("steps").asInt()).isEqualTo(2);
        assertThat(json.path("clips").asInt()).isEqualTo(1);
        assertThat(json.path("comparison").path("state").asText()).isIn("accepted", "rejected");
        assertThat(said).anyMatch(line -> line.startsWith("step 2 of 2"));
        var report = ComparisonReport.read(work.resolve("report/report.json"));
        assertThat(report.clips()).hasSize(1);
        assertThat(work.resolve("report/validation-0-1.gif")).isNotEmptyFile();
        said.clear();
        assertThat(run.measure(ResultRun.Result.FLICKERING, said::add).path("comparison"))
                .isEqualTo(json.path("comparison"));
        assertThat(said).as("everything was kept").isEmpty();
    }
}
