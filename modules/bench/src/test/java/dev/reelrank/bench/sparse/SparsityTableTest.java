package dev.reelrank.bench.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.bench.sparse.SparsityRun.SceneShare;
import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SparsityTableTest {
    private static SceneShare scene(double kept, double psnr, double seconds, int winner) {
        return new SceneShare(
                kept, List.of(psnr), seconds, winner, 0.5 + 0.1 * winner, winner == 0 ? "A" : "B");
    }

    @Test
    void shouldCountWhatChangedBesideDense() {
        var scenes =
                List.of(
                        List.of(scene(1, 100, 2, 0), scene(0.5, 40, 1, 0)),
                        List.of(scene(1, 100, 2, 1), scene(0.3, 30, 1, 0)));
        var table = SparsityTable.of(List.of(1.0, 0.9), scenes, List.of(0.0, 0.1));
        var sparse = table.at("/shares/1");
        assertThat(sparse.get("keptBlocks").asDouble()).isCloseTo(0.4, within(1e-9));
        assertThat(sparse.get("psnr").asDouble()).isEqualTo(35);
        assertThat(sparse.get("winnersChanged").asInt()).isEqualTo(1);
        assertThat(sparse.get("gradesChanged").asInt()).isEqualTo(1);
        assertThat(sparse.get("quality").asDouble()).isCloseTo(0.5, within(1e-9));
        assertThat(table.at("/shares/0/winnersChanged").asInt()).isZero();
        assertThat(table.get("missed")).isEmpty();
    }

    @Test
    void shouldSayWhereNothingIsSaved() {
        var scenes = List.of(List.of(scene(1, 100, 1, 0), scene(0.9, 50, 1.2, 0)));
        var table = SparsityTable.of(List.of(1.0, 0.95), scenes, List.of(0.0, 0.01));
        assertThat(table.at("/missed/0").asText()).contains("0.95").contains("not faster");
    }

    @Test
    void shouldMeasureHowFarFramesAreApart() {
        var black = new RgbImage(2, 2, new byte[12]);
        byte[] one = new byte[12];
        one[0] = 12;
        assertThat(SparsityRun.psnr(List.of(black), List.of(black))).isEqualTo(100);
        assertThat(SparsityRun.psnr(List.of(black), List.of(new RgbImage(2, 2, one))))
                .isCloseTo(10 * Math.log10(255.0 * 255 / 12), within(1e-9));
    }
}
