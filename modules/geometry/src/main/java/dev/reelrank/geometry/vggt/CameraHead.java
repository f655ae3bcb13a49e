package dev.reelrank.geometry.vggt;

import dev.reelrank.geometry.layers.TransformerBlock;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Camera poses from the camera tokens, corrected in four rounds. */
final class CameraHead {
    /** Three of the translation, four of the quaternion (x, y, z, w), two angles of view. */
    static final int POSE = 9;

    private static final int ROUNDS = 4;

    private final Tensor empty;
    private final LayerNorm tokenNorm;
    private final LayerNorm plainNorm;
    private final LayerNorm trunkNorm;
    private final Linear embedding;
    private final Linear modulation;
    private final Linear up;
    private final Linear down;
    private final List<TransformerBlock> trunk = new ArrayList<>();

    /**
     * @param weights float32
     */
    CameraHead(Weights weights, VggtConfig config) {
        int dim = 2 * config.dim();
        empty = weights.take("empty_pose_tokens", 1, 1, POSE);
        tokenNorm = LayerNorm.load(weights.child("token_norm"), dim, 1e-5);
        trunkNorm = LayerNorm.load(weights.child("trunk_norm"), dim, 1e-5);
        plainNorm = LayerNorm.plain(weights.parameters(), dim, 1e-6);
        embedding = Linear.load(weights.child("embed_pose"), POSE, dim, true);
        modulation = Linear.load(weights.child("poseLN_modulation.1"), dim, 3L * dim, true);
        up = Linear.load(weights.child("pose_branch.fc1"), dim, dim / 2, true);
        down = Linear.load(weights.child("pose_branch.fc2"), dim / 2, POSE, true);
        for (int i = 0; i < config.cameraDepth(); i++) {
            trunk.add(
                    new TransformerBlock(
                            weights.child("trunk." + i), dim, config.cameraHeads(), false, 1e-5));
        }
    }

    /**
     * The poses.
     *
     * @param tokens of the last pair of blocks, shape (frames, tokens, 2 dim)
     * @return shape (frames, 9), float32
     */
    Tensor apply(Tensor tokens) {
        return TensorScope.compute(
                () -> {
                    Tensor cameras =
                            tokenNorm.apply(
                                    Ops.to(tokens.select(1, 0), DType.FLOAT32).unsqueeze(0));
                    Tensor pose = null;
                    for (int round = 0; round < ROUNDS; round++) {
                        Tensor known = pose == null ? empty.expand(1, cameras.size(1), -1) : pose;
                        Tensor delta = correction(cameras, known);
                        pose = pose == null ? delta : pose.add(delta);
                    }
                    Tensor found = Objects.requireNonNull(pose).squeeze(0);
                    return Ops.cat(-1, found.narrow(-1, 0, 7), torch.relu(found.narrow(-1, 7, 2)));
                });
    }

    private Tensor correction(Tensor cameras, Tensor known) {
        return TensorScope.compute(
                () -> {
                    Tensor m = modulation.apply(Ops.silu(embedding.apply(known)));
                    long dim = cameras.size(-1);
                    Tensor shift = m.narrow(-1, 0, dim);
                    Tensor scale = m.narrow(-1, dim, dim);
                    Tensor gate = m.narrow(-1, 2 * dim, dim);
                    Tensor even = plainNorm.apply(cameras).mul(Ops.add(scale, 1)).add(shift);
                    Tensor x = gate.mul(even).add(cameras);
                    for (TransformerBlock block : trunk) {
                        x = block.apply(x, null);
                    }
                    return down.apply(Ops.geluExact(up.apply(trunkNorm.apply(x))));
                });
    }
}
