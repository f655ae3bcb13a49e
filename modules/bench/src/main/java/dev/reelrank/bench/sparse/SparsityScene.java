package dev.reelrank.bench.sparse;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bench.sparse.SparsityRun.SceneShare;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What was measured on one scene.
 *
 * @param scene its seed
 * @param shares of the softmax; the first is 1, for dense
 * @param byShare what each share did
 */
public record SparsityScene(long scene, List<Double> shares, List<SceneShare> byShare) {
    public SparsityScene {
        shares = List.copyOf(shares);
        byShare = List.copyOf(byShare);
    }

    /**
     * The scenes of several files, in their order; a scene that stands in two of them once.
     *
     * @param shares that all must have
     * @throws StageException INVALID_CONFIG naming the file that was measured with others
     */
    public static List<SparsityScene> read(List<Path> files, List<Double> shares)
            throws IOException {
        var mapper = new ObjectMapper();
        var all = new ArrayList<SparsityScene>();
        for (Path file : files) {
            List<SparsityScene> scenes =
                    mapper.convertValue(
                            mapper.readTree(file.toFile()).path("perScene"),
                            new TypeReference<List<SparsityScene>>() {});
            if (scenes == null || !scenes.stream().allMatch(s -> s.shares.equals(shares))) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        file
                                + " was not measured with the shares "
                                + shares
                                + ": give its own --shares");
            }
            for (var scene : scenes) {
                if (all.stream().noneMatch(s -> s.scene == scene.scene)) {
                    all.add(scene);
                }
            }
        }
        all.sort(Comparator.comparingLong(SparsityScene::scene));
        return all;
    }
}
