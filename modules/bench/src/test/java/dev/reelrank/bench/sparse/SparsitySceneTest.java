package dev.reelrank.bench.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bench.sparse.SparsityRun.SceneShare;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SparsitySceneTest {
    private static final List<Double> SHARES = List.of(1.0, 0.9);

    @TempDir Path folder;

    private static SparsityScene scene(long seed) {
        var dense = new SceneShare(1, List.of(100.0), 0.25, 0, 0.9, "A");
        return new SparsityScene(
                seed,
                SHARES,
                List.of(dense, new SceneShare(0.7, List.of(40.5), 0.5, 1, 0.8, "B+")));
    }

    private Path file(String name, SparsityScene... scenes) throws IOException {
        Path file = folder.resolve(name);
        new ObjectMapper().writeValue(file.toFile(), Map.of("scenes", 9, "perScene", scenes));
        return file;
    }

    @Test
    void theScenesOfSeveralFilesShouldComeBackInTheirOrderAndOnce() throws Exception {
        var files = List.of(file("b.json", scene(7), scene(5)), file("a.json", scene(3), scene(7)));
        assertThat(SparsityScene.read(files, SHARES)).containsExactly(scene(3), scene(5), scene(7));
    }

    @Test
    void aFileOfOtherSharesShouldBeRefusedByItsName() throws Exception {
        var files = List.of(file("a.json", scene(3)));
        assertThatThrownBy(() -> SparsityScene.read(files, List.of(1.0, 0.5)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("a.json")
                .hasMessageContaining("0.5");
    }
}
