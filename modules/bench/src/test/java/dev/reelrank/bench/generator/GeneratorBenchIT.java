package dev.reelrank.bench.generator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class GeneratorBenchIT {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "cogvideox-5b, 48x32, 9",
        "cogvideox-5b-i2v, 48x32, 9",
        "cogvideox-1.5-5b, 48x32, 17",
        "animatediff, 32x32, 8",
        "wan-ti2v, 64x32, 5"
    })
    void shouldMeasureEveryPartOfATinyModelOfEachFamily(String family, String size, int frames)
            throws Exception {
        Path json = folder.resolve("figures.json");
        Path video = folder.resolve("candidate.mp4");
        int code =
                new CommandLine(new GeneratorBench())
                        .execute(
                                "--family",
                                family,
                                "--random-weights",
                                "--architecture",
                                "tiny",
                                "--device",
                                "cpu",
                                "--size",
                                size,
                                "--frames",
                                String.valueOf(frames),
                                "--steps-timed",
                                "2",
                                "--json",
                                json.toString(),
                                "--out",
                                video.toString());
        assertThat(code).isZero();
        var figures = new ObjectMapper().readTree(json.toFile());
        var agreement = figures.path("agreement");
        assertThat(agreement.path("greyLevelsOfTheCpu").asDouble()).isBetween(0.01, 5.0);
        assertThat(agreement.path("greyLevels")).isEqualTo(agreement.path("greyLevelsOfTheCpu"));
        var parts = figures.path("parts");
        assertThat(parts.findValuesAsText("part"))
                .containsExactly(
                        "load",
                        "text",
                        "step",
                        "decode",
                        "candidate of 3 steps",
                        "candidate of the published steps, computed");
        parts.forEach(part -> assertThat(part.path("seconds").asDouble()).isPositive());
        assertThat(video).isNotEmptyFile();
    }

    @Test
    void aFamilyThatIsNotThereIsRefusedWithThoseThatAre() {
        var command = new CommandLine(new GeneratorBench());
        var thrown = new Exception[1];
        command.setExecutionExceptionHandler(
                (e, line, result) -> {
                    thrown[0] = e;
                    return 1;
                });
        command.execute("--random-weights", "--family", "sora");
        assertThat(thrown[0])
                .isInstanceOf(StageException.class)
                .hasMessageContaining("sora")
                .hasMessageContaining("cogvideox-1.5-5b");
    }
}
