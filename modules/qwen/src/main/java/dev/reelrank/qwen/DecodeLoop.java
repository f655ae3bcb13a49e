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

/**
 * The steps after the prompts: every row one token at a time, all shapes fixed, all state on the
 * device, so that a GPU replays the step as one recorded graph and nothing is waited for.
 */
final class DecodeLoop implements AutoCloseable {
    private final TextDecoder decoder;
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
    private final int first;
    private final List<Integer> starts;
    private final List<Long> firstPositions;
    private final @Nullable CudaGraph graph;
    private final @Nullable Tensor recordedLogits;

    /**
     * @param starts each row's first column
     * @param firstPositions the rotary position of each row's next token
     * @param first the column of the next token of every row
     * @param recording whether a GPU records the step; the CPU never does
     */
    DecodeLoop(
            TextDecoder decoder,
            Rope rope,
            KeyValueCache cache,
            List<Integer> starts,
            List<Long> firstPositions,
            int first,
            TorchDevice device,
            DType dtype,
            Recording recording) {
        this.decoder = decoder;
        this.first = first;
        this.starts = starts;
        this.firstPositions = firstPositions;
        var rows = cache.rows();
        var columns = cache.columns();
        try (var scope = TensorScope.open()) {
            zero = owned.own(new Scalar(0.0));
            one = owned.own(new Scalar(1));
            tokens = owned.own(Ops.zeros(device, DType.INT64, rows));
            positions = owned.own(Ops.zeros(device, DType.INT64, rows));
            column = owned.own(Ops.zeros(device, DType.INT64, 1));
            bias = owned.own(Ops.zeros(device, dtype, rows, 1, 1, columns));
            var last = firstPositions.stream().mapToLong(Long::longValue).max().orElse(0);
            var turns = rope.turns(Positions.text(0, (int) last + columns - first + 1));
            cosTable = owned.own(turns.cos().squeeze(0).contiguous());
            sinTable = owned.own(turns.sin().squeeze(0).contiguous());
            reset();
        }
        keyValues = cache.step(column, bias);
        if (recording == Recording.GRAPH && device.isCuda()) {
            graph = CudaGraph.open(device);
            recordedLogits = graph.record(this::compute, this::reset);
        } else {
            graph = null;
            recordedLogits = null;
        }
    }

    /** Whether a step is recorded as a graph. */
    enum Recording {
        GRAPH,
        NONE
    }

    private void reset() {
        column.fill_(new Scalar((long) first));
        bias.fill_(new Scalar(Double.NEGATIVE_INFINITY));
        for (var row = 0; row < starts.size(); row++) {
            bias.narrow(0, row, 1).narrow(3, starts.get(row), first - starts.get(row)).fill_(zero);
            positions.narrow(0, row, 1).fill_(new Scalar((long) firstPositions.get(row)));
        }
    }

    /**
     * Feeds one token to each row.
     *
     * @param next int64, shape (rows)
     * @return logits, shape (rows, vocabulary); the same memory each time where it is recorded
     */
    Tensor step(Tensor next) {
        tokens.copy_(next);
        if (graph == null) {
            return TensorScope.compute(this::compute);
        }
        graph.replay();
        return recordedLogits;
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
    }
}
