package dev.reelrank.wan;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The tokens that share what they are told: all of them, or those of a given frame, which come
 * first and are told that they have no noise, and the others.
 *
 * @param given tokens of the given frame; 0 for none
 */
record Stretches(long given) {
    /** Every token is told the same. */
    static final Stretches ONE = new Stretches(0);

    /**
     * Neighbouring tokens.
     *
     * @param from the first
     * @param count at least 1
     * @param index 0 for those of the given frame, or for all; 1 for the others
     */
    record Stretch(long from, long count, int index) {
        /** Their part of a tensor whose second last axis are tokens. */
        Tensor of(Tensor tokens) {
            return tokens.narrow(-2, from, count);
        }

        /**
         * Their row of numbers.
         *
         * @param rows shape (dim) for all, or (2, dim): for the given frame's and for the others
         */
        Tensor row(Tensor rows) {
            return rows.dim() == 1 ? rows : rows.select(0, index);
        }
    }

    /** The stretches among so many tokens, none of them longer than {@code most}. */
    List<Stretch> among(long tokens, long most) {
        var all = new ArrayList<Stretch>();
        long border = Math.min(given, tokens);
        add(all, 0, border, 0, most);
        add(all, border, tokens, given == 0 ? 0 : 1, most);
        return all;
    }

    private static void add(List<Stretch> all, long begin, long end, int index, long most) {
        for (long from = begin; from < end; from += most) {
            all.add(new Stretch(from, Math.min(most, end - from), index));
        }
    }

    /** Both stretches, or the only one. */
    List<Stretch> among(long tokens) {
        return among(tokens, Long.MAX_VALUE / 2);
    }
}
