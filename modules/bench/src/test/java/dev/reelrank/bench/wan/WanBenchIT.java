package dev.reelrank.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class WanBenchIT {
    @TempDir Path folder;

    @Test
    void shouldMeasureEveryPartOfATinyArchitectureOnTheCpu() throws Exception {
        Path json = folder.resolve("figures.json");
        int code =
                new CommandLine(new WanBench())
                        .execute(
                                "--random-weights",
                                "--architecture",
                                "tiny",
                                "--device",
                                "cpu",
                                "--size",
                                "64x48",
                                "--frames",
                                "5",
                                "--runs",
                                "1",
                                "--precision",
                                "fp32",
                                "--load-dir",
                                folder.resolve("expert").toString(),
                                "--json",
                                json.toString(),
                                "--steps",
                                "2",
                                "--out",
                                folder.resolve("candidate.mp4").toString());
        assertThat(code).isZero();
        var figures = new ObjectMapper().readTree(json.toFile());
        assertThat(figures).hasSize(12);
        figures.forEach(
                figure -> {
                    assertThat(figure.has("failed")).as(figure.toString()).isFalse();
                    assertThat(figure.path("seconds").asDouble()).isPositive();
                    assertThat(figure.path("peakGib").asDouble()).isPositive();
                });
        assertThat(folder.resolve("candidate.mp4")).isNotEmptyFile();
    }
}
