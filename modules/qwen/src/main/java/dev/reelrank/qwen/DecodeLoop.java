package dev.reelrank.qwen;

import dev.reelrank.torch.CudaGraph;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps after the prompts: every row one token at a time, all shapes fixed, all state on the
 * device, so that a GPU replays the step as one recorded graph and nothing is waited for. It can be
 * begun again for other prompts that fit.
 */
final class DecodeLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DecodeLoop.class);

    private final TextDecoder decoder;
    private final TorchDevice device;
    private final KeyValueCache cache;
    private final KeyValues keyValues;
    private final Parameters owned = new Parameters();
    private final Tensor tokens;
    private final Tensor positions;
    private final Tensor column;
    private final Tensor bias;
    private final Tensor cosTable;
    private final Tensor sinTable;
    private final Scalar zero;
    private final Scalar one;
    private Recording recording;
    private @Nullable CudaGraph graph;

    /**
     * @param rows most conversations at once
     * @param columns most tokens of one, prompt and answer
     * @param recording whether a GPU records the step; the CPU never does
     */
    DecodeLoop(
            TextDecoder decoder,
            Rope rope,
            DecoderConfig text,
            int rows,
            int columns,
            TorchDevice device,
            DType dtype,
            Recording recording) {
        this.decoder = decoder;
        this.device = device;
        this.recording = device.isCuda() ? recording : Recording.NONE;
        cache = new KeyValueCache(text, rows, columns, device, dtype);
        try (var scope = TensorScope.open()) {
            zero = owned.own(new Scalar(0.0));
            one = owned.own(new Scalar(1));
            tokens = owned.own(Ops.zeros(device, DType.INT64, rows));
            positions = owned.own(Ops.zeros(device, DType.INT64, rows));
            column = owned.own(Ops.zeros(device, DType.INT64, 1));
            bias = owned.own(Ops.zeros(device, dtype, rows, 1, 1, columns));
            // An image takes fewer positions than columns, so no position reaches the last column.
            var turns = rope.turns(Positions.text(0, columns));
            cosTable = owned.own(turns.cos().squeeze(0).contiguous());
            sinTable = owned.own(turns.sin().squeeze(0).contiguous());
        } catch (RuntimeException e) {
            owned.close();
            cache.close();
            throw e;
        }
        keyValues = cache.step(column, bias);
    }

    /** Whether a step is recorded as a graph. */
    enum Recording {
        GRAPH,
        NONE
    }

    KeyValueCache cache() {
        return cache;
    }

    boolean fits(int rows, int columns) {
        return rows <= cache.rows() && columns <= cache.columns();
    }

    /**
     * Goes to the end of new prompts.
     *
     * @param starts each row's first column; rows beyond these stay unused
     * @param nexts the rotary position of each row's next token
     * @param first the column of the next token of every row, at least 1
     */
    void begin(List<Integer> starts, List<Long> nexts, int first) {
        TensorScope.run(() -> reset(starts, nexts, first));
        if (recording == Recording.GRAPH && graph == null) {
            try {
                graph = CudaGraph.record(device, this::compute);
            } catch (IllegalStateException | LinkageError e) {
                LOG.warn("decoding without a recorded graph, which is slower: {}", e.toString());
                recording = Recording.NONE;
            }
            // Recording ran two steps; their columns are written over by the first ones that count.
            TensorScope.run(() -> reset(starts, nexts, first));
        }
    }

    private void reset(List<Integer> starts, List<Long> nexts, int first) {
        column.fill_(new Scalar((long) first));
        bias.fill_(new Scalar(Double.NEGATIVE_INFINITY));
        for (var row = 0; row < cache.rows(); row++) {
            var used = row < starts.size();
            // An unused row looks at one column, for a row of nothing is no distribution.
            var start = used ? starts.get(row) : first - 1;
            bias.narrow(0, row, 1).narrow(3, start, first - start).fill_(zero);
            positions.narrow(0, row, 1).fill_(new Scalar(used ? nexts.get(row) : 0L));
        }
    }

    /**
     * Feeds one token to each used row.
     *
     * @param next int64, shape (used rows)
     * @return logits, shape (used rows, vocabulary); the same memory each time where it is recorded
     */
    Tensor step(Tensor next) {
        var used = next.size(0);
        tokens.narrow(0, 0, used).copy_(next);
        var logits = graph == null ? TensorScope.compute(this::compute) : graph.replay();
        return logits.narrow(0, 0, used);
    }

    private Tensor compute() {
        bias.index_fill_(3, column, zero);
        var turns =
                new Rope.Turns(
                        cosTable.index_select(0, positions).unsqueeze(1),
                        sinTable.index_select(0, positions).unsqueeze(1));
        var embedded = decoder.embed(tokens).unsqueeze(1);
        var hidden = decoder.forward(embedded, turns, keyValues, null, List.of());
        var logits = decoder.logits(hidden.squeeze(1));
        column.add_(one);
        positions.add_(one);
        return logits;
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
        owned.close();
        cache.close();
    }
}
