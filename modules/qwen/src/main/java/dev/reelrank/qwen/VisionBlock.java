package dev.reelrank.qwen;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A pre-norm block of Qwen's vision towers, with two-dimensional rotary positions. Qwen2 and Qwen3
 * differ in the names of its weights and in its activation.
 */
final class VisionBlock {
    private static final double EPSILON = 1e-6;

    /** The generations. */
    enum Kind {
        QWEN2("mlp.fc1", "mlp.fc2"),
        QWEN3("mlp.linear_fc1", "mlp.linear_fc2");

        private final String up;
        private final String down;

        Kind(String up, String down) {
            this.up = up;
            this.down = down;
        }
    }

    private final Kind kind;
    private final int heads;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final Linear qkv;
    private final Linear projection;
    private final Linear up;
    private final Linear down;

    VisionBlock(Weights weights, QwenConfig.Vision config, Kind kind) {
        this.kind = kind;
        heads = config.heads();
        norm1 = LayerNorm.load(weights.child("norm1"), config.hidden(), EPSILON);
        norm2 = LayerNorm.load(weights.child("norm2"), config.hidden(), EPSILON);
        var hidden = config.hidden();
        qkv = Linear.load(weights.child("attn.qkv"), hidden, 3L * hidden, true);
        projection = Linear.load(weights.child("attn.proj"), hidden, hidden, true);
        var wide = config.intermediate();
        up = Linear.load(weights.child(kind.up), hidden, wide, true);
        down = Linear.load(weights.child(kind.down), wide, hidden, true);
    }

    /**
     * One block; each picture sees itself alone.
     *
     * @param x shape (pictures, patches, hidden)
     */
    Tensor forward(Tensor x, Rope.Turns turns) {
        var pictures = x.size(0);
        var patches = x.size(1);
        var parts = qkv.apply(norm1.apply(x)).view(pictures, patches, 3, heads, -1);
        var turned = turned(parts.narrow(2, 0, 2), turns);
        var seen =
                Attention.apply(
                                turned.select(2, 0).transpose(1, 2),
                                turned.select(2, 1).transpose(1, 2),
                                parts.select(2, 2).transpose(1, 2))
                        .transpose(1, 2)
                        .reshape(pictures, patches, -1);
        var attended = x.add(projection.apply(seen));
        return attended.add(down.apply(activated(norm2.apply(attended))));
    }

    private Tensor activated(Tensor x) {
        if (kind == Kind.QWEN3) {
            return up.applyGelu(x);
        }
        var wide = up.apply(x);
        return wide.mul(wide.mul(new Scalar(1.702)).sigmoid());
    }

    /** Queries and keys, turned in float32 as the published code does. */
    private static Tensor turned(Tensor x, Rope.Turns turns) {
        return Ops.to(turns.apply(Ops.to(x, DType.FLOAT32)), DType.of(x));
    }

    /** The frequencies of one axis, owned by the weights' parameters. */
    static Tensor inverseFrequencies(Weights weights, QwenConfig.Vision config) {
        try (var scope = TensorScope.open()) {
            return weights.parameters()
                    .own(
                            weights.device()
                                    .place(
                                            Rope.inverseFrequencies(
                                                    config.hidden() / config.heads() / 2,
                                                    config.ropeTheta()),
                                            DType.FLOAT32));
        }
    }

    /** The turns of every patch: by its row, then by its column. */
    static Rope.Turns turns(PositionGrid plan, Tensor inverseFrequencies, TorchDevice device) {
        var rows = device.place(Ops.tensor(plan.rows(), -1, 1), DType.FLOAT32);
        var columns = device.place(Ops.tensor(plan.columns(), -1, 1), DType.FLOAT32);
        var angles = Ops.cat(1, rows.mul(inverseFrequencies), columns.mul(inverseFrequencies));
        var cos = angles.cos();
        var sin = angles.sin();
        return new Rope.Turns(
                Ops.cat(1, cos, cos).unsqueeze(1).unsqueeze(1),
                Ops.cat(1, sin.neg(), sin).unsqueeze(1).unsqueeze(1));
    }
}
