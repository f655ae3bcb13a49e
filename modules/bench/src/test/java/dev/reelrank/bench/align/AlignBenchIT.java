package dev.reelrank.bench.align;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class AlignBenchIT {
    @TempDir Path folder;

    @Test
    void shouldTrainTheTestbedsArchitectureOnTheCpu() throws Exception {
        Path json = folder.resolve("align.json");
        int exit =
                new CommandLine(new AlignBench())
                        .execute(
                                "--random-weights",
                                "--architecture=tiny",
                                "--device=cpu",
                                "--precision=fp32,fp8",
                                "--size=64x48",
                                "--frames=5",
                                "--rank=4",
                                "--steps=1",
                                "--json=" + json);
        assertThat(exit).isZero();
        var rows = new ObjectMapper().readTree(json.toFile());
        var first = rows.get(0);
        assertThat(first.path("stepSeconds").asDouble()).isPositive();
        assertThat(first.path("loss").get(0).asDouble()).isEqualTo(Math.log(2));
        assertThat(first.path("trained").asLong()).isEqualTo(4L * 8 * 2 * 4 * 256);
        assertThat(rows.get(1).path("failed").asText()).contains("has no gradients");
    }

    @Test
    void shouldTrainTheSameAdapterOnSeveralDevices() throws Exception {
        Path json = folder.resolve("replicas.json");
        int exit =
                new CommandLine(new AlignBench())
                        .execute(
                                "--random-weights",
                                "--architecture=tiny",
                                "--device=cpu,cpu",
                                "--precision=fp32",
                                "--size=64x48",
                                "--frames=5",
                                "--rank=4",
                                "--steps=1",
                                "--json=" + json);
        assertThat(exit).isZero();
        var rows = new ObjectMapper().readTree(json.toFile());
        assertThat(rows.findValuesAsText("devices")).containsExactly("cpu", "cpu,cpu", "cpu,cpu");
        assertThat(rows.get(1).path("pairsPerStep").asInt()).isEqualTo(2);
        assertThat(rows.get(2).path("adapterDifference").asDouble()).isZero();
    }

    @Test
    void shouldSayWhatCanBeMeasured() {
        var command = new CommandLine(new AlignBench());
        var thrown = new java.util.ArrayList<Exception>();
        command.setExecutionExceptionHandler(
                (e, line, parsed) -> {
                    thrown.add(e);
                    return 2;
                });
        assertThat(command.execute()).isEqualTo(2);
        assertThat(command.execute("--result=beauty")).isEqualTo(2);
        assertThat(thrown.get(0)).hasMessageContaining("--random-weights");
        assertThat(thrown.get(1)).hasMessageContaining("rankings, video-dpo, taste, flickering");
    }
}
