package dev.reelrank.qwen;

import java.util.Arrays;
import java.util.List;

/**
 * Several continuations of one prompt as a single row of tokens.
 *
 * @param ids all continuations, one after the other
 * @param positions each continuation begins where the prompt ends
 * @param mask row by row, 1 where a token may look, else 0; the prompt's columns stand first
 * @param ends each continuation's last token
 */
record ContinuationRow(long[] ids, Positions positions, float[] mask, long[] ends) {
    static ContinuationRow of(int prefix, long next, List<int[]> continuations) {
        var total = continuations.stream().mapToInt(c -> c.length).sum();
        var width = prefix + total;
        var mask = new float[total * width];
        var ids = new long[total];
        var axis = new long[total];
        var ends = new long[continuations.size()];
        var at = 0;
        for (var c = 0; c < ends.length; c++) {
            var begin = at;
            for (var id : continuations.get(c)) {
                ids[at] = id;
                axis[at] = next + at - begin;
                Arrays.fill(mask, at * width, at * width + prefix, 1);
                Arrays.fill(mask, at * width + prefix + begin, at * width + prefix + at + 1, 1);
                at++;
            }
            ends[c] = at - 1L;
        }
        var positions = new Positions(new long[][] {axis, axis, axis}, next + total);
        return new ContinuationRow(ids, positions, mask, ends);
    }
}
