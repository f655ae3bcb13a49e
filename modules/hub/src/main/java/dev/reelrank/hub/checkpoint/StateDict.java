package dev.reelrank.hub.checkpoint;

import dev.reelrank.hub.checkpoint.Value.Dictionary;
import dev.reelrank.hub.checkpoint.Value.Tensor;
import dev.reelrank.hub.checkpoint.Value.Text;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a checkpoint, by name.
 *
 * @param tensors in the order of the file
 * @param others keys of values that are no tensors, such as a step count
 */
record StateDict(Map<String, Tensor> tensors, List<String> others) {
    /**
     * Finds the dictionary of tensors: at the top, or in the one dictionary below it that has some.
     *
     * @param key of the dictionary below the top; empty to find it
     * @throws StageException MODEL_MISMATCH if there is none or more than one
     */
    static StateDict of(Value value, String key, Path path) {
        if (!(value instanceof Dictionary top)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    path + " holds no dictionary of tensors but a whole object");
        }
        var below = new LinkedHashMap<String, StateDict>();
        top.entries()
                .forEach(
                        (name, entry) -> {
                            if (entry instanceof Dictionary dictionary) {
                                below.put(text(name), tensors(dictionary));
                            }
                        });
        below.values().removeIf(dictionary -> dictionary.tensors().isEmpty());
        var here = tensors(top);
        if (!key.isEmpty()) {
            var chosen = below.get(key);
            if (chosen == null) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s has no dictionary of tensors '%s'; it has %s"
                                .formatted(path, key, below.keySet()));
            }
            return chosen;
        }
        if (!here.tensors().isEmpty()) {
            return here;
        }
        if (below.size() == 1) {
            return below.values().iterator().next();
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                below.isEmpty()
                        ? path + " has no tensors"
                        : path
                                + " has several dictionaries of tensors: choose one with --key, of "
                                + below.keySet());
    }

    private static StateDict tensors(Dictionary dictionary) {
        var tensors = new LinkedHashMap<String, Tensor>();
        var others = new ArrayList<String>();
        dictionary
                .entries()
                .forEach(
                        (key, value) -> {
                            if (value instanceof Tensor tensor && key instanceof Text) {
                                tensors.put(text(key), tensor);
                            } else {
                                others.add(text(key));
                            }
                        });
        return new StateDict(tensors, others);
    }

    private static String text(Value key) {
        return key instanceof Text text ? text.text() : String.valueOf(key);
    }
}
