package dev.reelrank.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class QwenBenchIT {
    @TempDir Path folder;

    @Test
    void shouldMeasureATinyModelOnTheCpu() throws Exception {
        Path rows = folder.resolve("rows.json");
        int exit =
                new CommandLine(new QwenBench())
                        .execute(
                                "--random-weights",
                                "--size=tiny",
                                "--device=cpu",
                                "--precision=fp32",
                                "--batch=2",
                                "--width=64",
                                "--height=64",
                                "--text-tokens=8",
                                "--new-tokens=3",
                                "--repeat=1",
                                "--json=" + rows);
        assertThat(exit).isZero();
        var row = new ObjectMapper().readTree(rows.toFile()).get(0);
        assertThat(row.path("total").asDouble()).isPositive();
        assertThat(row.path("vision").asDouble()).isPositive();
        // The picture takes tokens beside the 8 of the text.
        assertThat(row.path("promptTokens").asInt()).isGreaterThan(8);
    }
}
