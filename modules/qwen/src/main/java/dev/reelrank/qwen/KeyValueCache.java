package dev.reelrank.qwen;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of everything seen so far, allocated once: a row a conversation, a column a
 * token.
 *
 * <p>Prompts of different lengths are aligned at their ends, so that every row writes its next
 * token into the same column and a step has the same shape each time.
 */
final class KeyValueCache implements AutoCloseable {
    private final Parameters owned = new Parameters();
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final int keyValueHeads;
    private final int headDim;
    private final int rows;
    private final int columns;

    KeyValueCache(DecoderConfig text, int rows, int columns, TorchDevice device, DType dtype) {
        keyValueHeads = text.keyValueHeads();
        headDim = text.headDim();
        this.rows = rows;
        this.columns = columns;
        try (var scope = TensorScope.open()) {
            for (var i = 0; i < text.layers(); i++) {
                // Zeros, not rubbish: a masked column still enters a product with weight 0.
                keys.add(
                        owned.own(Ops.zeros(device, dtype, rows, keyValueHeads, columns, headDim)));
                values.add(
                        owned.own(Ops.zeros(device, dtype, rows, keyValueHeads, columns, headDim)));
            }
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Bytes that a cache of this size takes. */
    static long bytes(DecoderConfig text, int rows, int columns, DType dtype) {
        return 2L
                * text.layers()
                * rows
                * text.keyValueHeads()
                * columns
                * text.headDim()
                * dtype.bytes();
    }

    /**
     * The first pass over whole prompts that stand one after another in one row of tokens: each
     * goes to its own row of this cache and sees only itself.
     */
    KeyValues prefill(List<Prefill.Segment> segments) {
        return (layer, query, key, value) -> {
            var repeats = query.size(2) / keyValueHeads;
            var attended = new Tensor[segments.size()];
            for (var i = 0; i < attended.length; i++) {
                var part = segments.get(i);
                var k = key.narrow(1, part.from(), part.tokens()).transpose(1, 2);
                var v = value.narrow(1, part.from(), part.tokens()).transpose(1, 2);
                place(keys.get(layer), part).copy_(k);
                place(values.get(layer), part).copy_(v);
                attended[i] =
                        joined(
                                Attention.causal(
                                        query.narrow(1, part.from(), part.tokens()).transpose(1, 2),
                                        repeated(k, repeats),
                                        repeated(v, repeats)));
            }
            return attended.length == 1 ? attended[0] : Ops.cat(1, attended);
        };
    }

    private static Tensor place(Tensor cached, Prefill.Segment part) {
        return cached.narrow(0, part.row(), 1).narrow(2, part.start(), part.tokens());
    }

    /**
     * One more token in every row.
     *
     * @param column where it goes, int64 on the device, shape (1)
     * @param bias added to the scores, shape (rows, 1, 1, columns): 0 where a row may look, else
     *     minus infinity
     */
    KeyValues step(Tensor column, Tensor bias) {
        return (layer, query, key, value) -> {
            var k = keys.get(layer).index_copy_(2, column, key.transpose(1, 2));
            var v = values.get(layer).index_copy_(2, column, value.transpose(1, 2));
            return joined(
                    Attention.apply(query.transpose(1, 2), k, v, bias, 1 / Math.sqrt(headDim)));
        };
    }

    /**
     * Several continuations of the one row of this cache, which is only read.
     *
     * @param prefix how many columns are filled
     * @param mask bool, shape (1, 1, tokens, prefix + tokens): true where a token may look
     */
    KeyValues continuations(int prefix, Tensor mask) {
        return (layer, query, key, value) -> {
            var count = query.size(0);
            var repeats = query.size(2) / keyValueHeads;
            return joined(
                    Attention.apply(
                            query.transpose(1, 2),
                            repeated(after(keys.get(layer), prefix, count, key), repeats),
                            repeated(after(values.get(layer), prefix, count, value), repeats),
                            mask,
                            1 / Math.sqrt(headDim)));
        };
    }

    private static Tensor after(Tensor cached, int prefix, long count, Tensor fresh) {
        return Ops.cat(
                2, cached.narrow(2, 0, prefix).expand(count, -1, -1, -1), fresh.transpose(1, 2));
    }

    /**
     * Each head as often as queries share it: over a whole prompt the copy is small beside the
     * product, and every kernel takes it, also those that know no shared heads.
     */
    static Tensor repeated(Tensor x, long times) {
        return x.unsqueeze(2)
                .expand(-1, -1, times, -1, -1)
                .reshape(x.size(0), x.size(1) * times, x.size(2), x.size(3));
    }

    private static Tensor joined(Tensor attended) {
        return attended.transpose(1, 2).reshape(attended.size(0), attended.size(2), -1);
    }

    @Override
    public void close() {
        owned.close();
    }
}
