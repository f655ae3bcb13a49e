package dev.reelrank.alignment.adapter;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * The adapter of one network.
 *
 * @param rank of every layer
 * @param alpha over the rank, the factor of the changes
 * @param tensors {@code LAYER.lora_A.weight} (rank, in) and {@code LAYER.lora_B.weight} (out,
 *     rank); belong to the creator of this object
 */
public record NetworkAdapter(int rank, double alpha, Map<String, Tensor> tensors) {
    static final String DOWN = ".lora_A.weight";
    static final String UP = ".lora_B.weight";

    public NetworkAdapter {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** The layers that are changed, sorted. */
    public List<String> layers() {
        var layers = new TreeSet<String>();
        for (String name : tensors.keySet()) {
            layers.add(name.substring(0, name.length() - DOWN.length()));
        }
        return List.copyOf(layers);
    }

    /**
     * The same, with every layer checked.
     *
     * @param where the file, for messages
     * @throws StageException MODEL_MISMATCH when a name is no LoRA's, a half is missing or a rank
     *     is another
     */
    NetworkAdapter checked(Object where) {
        if (tensors.isEmpty()) {
            throw mismatch(where, "holds no LoRA");
        }
        for (var entry : tensors.entrySet()) {
            String name = entry.getKey();
            boolean down = name.endsWith(DOWN);
            if (!down && !name.endsWith(UP)) {
                throw mismatch(where, "has '" + name + "', which is no half of a LoRA");
            }
            String layer = name.substring(0, name.length() - DOWN.length());
            if (!tensors.containsKey(layer + (down ? UP : DOWN))) {
                throw mismatch(where, "has '" + name + "' without its other half");
            }
            Tensor half = entry.getValue();
            if (half.dim() != 2 || half.size(down ? 0 : 1) != rank) {
                throw mismatch(
                        where,
                        "has '%s' of the shape %s, but its rank is %d"
                                .formatted(name, java.util.Arrays.toString(half.shape()), rank));
            }
        }
        return this;
    }

    static StageException mismatch(Object where, String problem) {
        return new StageException(
                FailureCode.MODEL_MISMATCH, "the adapter " + where + " " + problem);
    }
}
