package dev.reelrank.bench.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.pipeline.Device;
import dev.reelrank.testbed.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Six scenes of {@code bench testbed}: always the same ones, so what it finds changes only when
 * weights or code do. In the first scenes no candidate is a ghost and a choice is a coin's; among
 * these some are, so that a ranking that chooses badly shows. Without the weights (a checkout may
 * leave them out) there is nothing to measure.
 */
final class TestbedGateIT {
    private static final Path MODELS = Path.of("../../models/testbed");

    private static final int FIRST = 32;
    private static final int SCENES = 6;

    @TempDir Path folder;

    @Test
    void shouldReachTheTargetsOnSixScenes() {
        assumeTrue(
                TestbedRun.PARTS.stream()
                        .filter(part -> !part.equals("ranking"))
                        .allMatch(part -> Files.isDirectory(MODELS.resolve(part))),
                "models/testbed is not in this checkout");
        TestbedRun run =
                new TestbedRun(
                        MODELS,
                        TestbedRun.PARTS,
                        Split.TEST,
                        FIRST,
                        SCENES,
                        SCENES,
                        List.of(1337L, 2024L, 7777L),
                        0,
                        false,
                        Device.CPU,
                        Runtime.getRuntime().availableProcessors());
        var figures = run.measure(folder, done -> {});
        for (String key : Targets.keys()) {
            assertThat(figures.path(key).isNumber()).as(key).isTrue();
        }
        // These are too few for the interval of the gain; the whole benchmark has it.
        assertThat(Targets.missed(figures).stream().filter(m -> !m.startsWith("winnerGainLow95")))
                .as(figures.toPrettyString())
                .isEmpty();
    }
}
