package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A table of vectors looked up by id. */
public final class Embedding {
    private final Tensor table;

    private Embedding(Tensor table) {
        this.table = table;
    }

    /** Loads {@code weight} (count, dim). */
    public static Embedding load(Weights weights, long count, long dim) {
        return new Embedding(weights.take("weight", count, dim));
    }

    /**
     * Looks rows up.
     *
     * @param ids int64, any shape (…), each 0 to count-1, on the table's device
     * @return shape (…, dim)
     */
    public Tensor apply(Tensor ids) {
        return torch.embedding(table, ids);
    }

    /** The table itself, shape (count, dim): a tied output head multiplies with it. */
    public Tensor table() {
        return table;
    }
}
