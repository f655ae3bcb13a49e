package dev.reelrank.geometry.vggt;

import dev.reelrank.geometry.layers.BlockKernels;
import dev.reelrank.geometry.layers.TransformerBlock;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.StringIValueMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The patch embedding: DINOv2 with registers, of which only the patch tokens are used. */
final class PatchEmbedding {
    private static final double EPSILON = 1e-6;
    private static final String RESIZE =
            """
            def resize(x, rows: int, columns: int):
              return torch._upsample_bicubic2d_aa(x, [rows, columns], False, None)
            """;

    private final VggtConfig config;
    private final DType dtype;
    private final CompilationUnit script;
    private final Conv2d projection;
    private final Tensor classToken;
    private final Tensor positions;
    private final Tensor registers;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final LayerNorm norm;

    /**
     * @param kernels closed by the caller; null for libtorch's operations
     */
    PatchEmbedding(Weights weights, VggtConfig config, @Nullable BlockKernels kernels) {
        this.config = config;
        this.dtype = weights.dtype();
        Weights wide = weights.as(DType.FLOAT32);
        long grid = config.imageSize() / config.patch();
        int dim = config.dim();
        // The operator has no Java binding; a script in the process calls it.
        script = compiled(weights.parameters());
        projection =
                Conv2d.load(
                        weights.child("patch_embed.proj"),
                        3,
                        dim,
                        config.patch(),
                        config.patch(),
                        0);
        classToken = wide.take("cls_token", 1, 1, dim);
        positions = wide.take("pos_embed", 1, 1 + grid * grid, dim);
        registers = wide.take("register_tokens", 1, config.registers(), dim);
        weights.ignore("mask_token");
        for (int i = 0; i < config.patchDepth(); i++) {
            blocks.add(
                    new TransformerBlock(
                            weights.child("blocks." + i),
                            dim,
                            config.patchHeads(),
                            false,
                            EPSILON,
                            kernels));
        }
        norm = LayerNorm.load(wide.child("norm"), dim, EPSILON);
    }

    private static CompilationUnit compiled(Parameters parameters) {
        try (var scope = TensorScope.open()) {
            return parameters.own(torch.compile(RESIZE));
        }
    }

    /**
     * The patches of frames.
     *
     * @param frames normalised, float32, shape (frames, 3, height, width), multiples of a patch
     * @return float32, shape (frames, patches, dim)
     */
    Tensor apply(Tensor frames) {
        return TensorScope.compute(
                () -> {
                    long count = frames.size(0);
                    Tensor map = projection.apply(Ops.to(frames, dtype));
                    Tensor patches = Ops.to(map, DType.FLOAT32).flatten(2, 3).transpose(1, 2);
                    Tensor x = Ops.cat(1, classToken.expand(count, -1, -1), patches);
                    x = x.add(positions(map.size(2), map.size(3)));
                    x =
                            Ops.cat(
                                    1,
                                    x.narrow(1, 0, 1),
                                    registers.expand(count, -1, -1),
                                    x.narrow(1, 1, x.size(1) - 1));
                    for (TransformerBlock block : blocks) {
                        x = block.apply(x, null);
                    }
                    return norm.apply(x.narrow(1, config.special(), x.size(1) - config.special()));
                });
    }

    /** The learned positions, stretched to another grid if the frames have one. */
    private Tensor positions(long rows, long columns) {
        long side = config.imageSize() / config.patch();
        if (rows == side && columns == side) {
            return positions;
        }
        Tensor grid =
                positions
                        .narrow(1, 1, side * side)
                        .reshape(1, side, side, config.dim())
                        .permute(0, 3, 1, 2);
        var arguments = new IValueVector(new IValue(grid), new IValue(rows), new IValue(columns));
        Tensor stretched =
                script.find_function(new QualifiedName("resize"))
                        .apply(arguments, new StringIValueMap())
                        .toTensor();
        return Ops.cat(
                1,
                positions.narrow(1, 0, 1),
                stretched.permute(0, 2, 3, 1).reshape(1, rows * columns, config.dim()));
    }
}
