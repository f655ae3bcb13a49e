package dev.reelrank.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
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
                        .setCaseInsensitiveEnumValuesAllowed(true)
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
                                "--seeds",
                                "2",
                                "--out",
                                folder.resolve("candidate.mp4").toString());
        assertThat(code).isZero();
        var figures = new ObjectMapper().readTree(json.toFile());
        assertThat(figures.findValuesAsText("part"))
                .hasSize(18)
                .contains(
                        "step",
                        "decode",
                        "preview of a draft",
                        "encode",
                        "text",
                        "candidate",
                        "further seed")
                .containsSubsequence("candidate: load", "candidate: condition", "candidate: text");
        figures.forEach(
                figure -> {
                    assertThat(figure.has("failed")).as(figure.toString()).isFalse();
                    // Of so small a model, the text may take less than a millisecond.
                    assertThat(figure.path("seconds").asDouble())
                            .isGreaterThan(
                                    figure.path("part").asText().equals("candidate: text")
                                            ? -1
                                            : 0);
                    assertThat(figure.path("peakGib").asDouble()).isPositive();
                });
        assertThat(folder.resolve("candidate.mp4")).isNotEmptyFile();
    }

    @Test
    void aPartThatDoesNotExistIsRefusedAndNoEmptyTablePrinted() {
        for (var wrong : List.of(List.of("--parts", "steps"), List.of("--attention", "cuddn"))) {
            var said = new StringWriter();
            int code =
                    new CommandLine(new WanBench())
                            .setCaseInsensitiveEnumValuesAllowed(true)
                            .setErr(new PrintWriter(said))
                            .execute(wrong.toArray(String[]::new));
            assertThat(code).isEqualTo(CommandLine.ExitCode.USAGE);
            assertThat(said.toString()).contains(wrong.get(0), wrong.get(1));
        }
    }
}
