package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.pipeline.Device;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.wan.WanSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A train scene of which the shipped generator spoils some seeds. */
final class RankedPairsIT {
    private static final Path MODELS = Path.of("../../models/testbed");
    private static final int SCENE = 42;

    @TempDir Path work;

    @Test
    void shouldLookForFurtherPairsWhereASceneGaveOne() throws IOException {
        assumeTrue(Files.isDirectory(MODELS.resolve("wan")), "models/testbed is not here");
        var said = new ArrayList<String>();
        var pairs =
                new RankedPairs(
                        MODELS,
                        WanSnapshot.open(MODELS.resolve("wan")),
                        work,
                        new Workers(List.of(Device.CPU), 1),
                        0.15,
                        said::add);
        var kept = new PairFiles(work.resolve("pairs"));
        var scenes = SceneSample.range(Split.TRAIN, SCENE, 1);

        var further = new RankedPairs.Further(List.of(7L, 8L, 9L, 10L, 11L, 22L), 1);
        var seeds = List.of(1L, 2L, 3L, 4L, 5L, 6L);

        var first = pairs.make(kept, scenes, seeds, 1, further);

        assertThat(first).extracting(Path::getFileName).hasToString("[train-42.safetensors]");
        assertThat(noise(first.get(0))).isEqualTo(1);
        Path second = work.resolve("pairs/train-42+22.safetensors");
        assertThat(second).as("who found a pair looks again at once").exists();
        assertThat(noise(second)).as("what the loser was made of").isEqualTo(22);
        said.clear();
        assertThat(pairs.mine(kept, scenes, 1, further)).containsExactly(second);
        assertThat(said).as("a scene is looked at again once").isEmpty();

        Files.delete(second);
        Files.delete(work.resolve("pairs/train-42.mined"));
        assertThat(pairs.mine(kept, scenes, 1, further))
                .as("a call that was interrupted before the second look")
                .containsExactly(second);
    }

    private static long noise(Path pair) {
        try (var scope = TensorScope.inference()) {
            return java.util.Objects.requireNonNull(LatentPair.read(pair).noise());
        }
    }
}
