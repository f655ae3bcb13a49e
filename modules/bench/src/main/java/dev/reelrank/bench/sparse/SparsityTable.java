package dev.reelrank.bench.sparse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.sparse.SparsityRun.SceneShare;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What each share of the softmax costs, beside dense attention. */
public final class SparsityTable {
    private SparsityTable() {}

    /**
     * The figures by their keys, and {@code missed}: what sparse attention is for and does not
     * give.
     *
     * @param shares the first is 1, for dense
     * @param scenes by scene, then by share
     * @param errors relative error of one evaluation with random weights, by share
     */
    public static ObjectNode of(
            List<Double> shares, List<List<SceneShare>> scenes, List<Double> errors) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("scenes", scenes.size());
        ArrayNode rows = json.putArray("shares");
        ArrayNode missed = json.arrayNode();
        double dense = mean(scenes, 0, SceneShare::stepSeconds);
        for (int i = 0; i < shares.size(); i++) {
            int at = i;
            ObjectNode row = rows.addObject();
            row.put("sparseShare", shares.get(i));
            row.put("keptBlocks", mean(scenes, i, SceneShare::kept));
            row.put("stepSeconds", mean(scenes, i, SceneShare::stepSeconds));
            row.put("psnr", mean(scenes, i, s -> mean(s.psnr())));
            row.put("relativeErrorOnRandomWeights", errors.get(i));
            row.put("winnersChanged", count(scenes, s -> s.get(at).winner() != s.get(0).winner()));
            row.put(
                    "gradesChanged",
                    count(scenes, s -> !s.get(at).grade().equals(s.get(0).grade())));
            row.put("quality", mean(scenes, i, SceneShare::quality));
            if (i > 0 && mean(scenes, i, SceneShare::stepSeconds) >= dense) {
                missed.add(
                        "at a share of %s a step is not faster than a dense one here"
                                .formatted(shares.get(i)));
            }
        }
        json.set("missed", missed);
        return json;
    }

    private static double mean(
            List<List<SceneShare>> scenes, int share, ToDoubleFunction<SceneShare> figure) {
        return scenes.stream()
                .mapToDouble(s -> figure.applyAsDouble(s.get(share)))
                .average()
                .orElse(Double.NaN);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
    }

    private static int count(List<List<SceneShare>> scenes, Predicate<List<SceneShare>> changed) {
        return (int) scenes.stream().filter(changed).count();
    }
}
