package dev.reelrank.diffusion.vae;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Takes pictures apart into overlapping tiles and blends what becomes of them. {@code factor} is
 * the number of pixels a latent covers, each way.
 */
public final class VaeTiles {
    private VaeTiles() {}

    /** Whether latents are larger than one tile. */
    public static boolean needed(Tensor latents, Tiling tiling, int factor) {
        long size = tiling.size() / factor;
        return latents.size(2) > size || latents.size(3) > size;
    }

    public static Tensor encode(
            Tensor video, Tiling tiling, int factor, UnaryOperator<Tensor> encoder) {
        if (video.size(2) <= tiling.size() && video.size(3) <= tiling.size()) {
            return encoder.apply(video);
        }
        return tiles(
                video,
                tiling.size(),
                tiling.stride(),
                tiling.size() / factor,
                tiling.stride() / factor,
                video.size(2) / factor,
                video.size(3) / factor,
                encoder);
    }

    public static Tensor decode(
            Tensor latents, Tiling tiling, int factor, UnaryOperator<Tensor> decoder) {
        return tiles(
                latents,
                tiling.size() / factor,
                tiling.stride() / factor,
                tiling.size(),
                tiling.stride(),
                latents.size(2) * factor,
                latents.size(3) * factor,
                decoder);
    }

    private static Tensor tiles(
            Tensor x,
            long size,
            long stride,
            long resultSize,
            long resultStride,
            long height,
            long width,
            UnaryOperator<Tensor> each) {
        return TensorScope.compute(
                () -> {
                    long blend = resultSize - resultStride;
                    var rows = new ArrayList<Tensor>();
                    var above = new ArrayList<Tensor>();
                    for (long top = 0; top < x.size(2); top += stride) {
                        var tiles = new ArrayList<Tensor>();
                        var kept = new ArrayList<Tensor>();
                        for (long left = 0; left < x.size(3); left += stride) {
                            Tensor part =
                                    x.narrow(2, top, Math.min(size, x.size(2) - top))
                                            .narrow(3, left, Math.min(size, x.size(3) - left));
                            Tensor tile =
                                    TensorScope.compute(
                                            () ->
                                                    each.apply(
                                                            part.contiguous(
                                                                    torch.MemoryFormat
                                                                            .ChannelsLast)));
                            int column = tiles.size();
                            if (!above.isEmpty()) {
                                blend(above.get(column), tile, 2, blend);
                            }
                            if (column > 0) {
                                blend(tiles.get(column - 1), tile, 3, blend);
                            }
                            tiles.add(tile);
                            kept.add(
                                    tile.narrow(2, 0, Math.min(resultStride, tile.size(2)))
                                            .narrow(3, 0, Math.min(resultStride, tile.size(3))));
                        }
                        rows.add(Ops.cat(3, kept.toArray(Tensor[]::new)));
                        above = tiles;
                    }
                    return Ops.cat(2, rows.toArray(Tensor[]::new))
                            .narrow(2, 0, height)
                            .narrow(3, 0, width)
                            .contiguous();
                });
    }

    /** Fades from the end of one tile into the beginning of the next, in place. */
    private static void blend(Tensor before, Tensor tile, int dim, long most) {
        long extent = Math.min(most, Math.min(before.size(dim), tile.size(dim)));
        if (extent == 0) {
            return;
        }
        float[] weights = new float[(int) extent];
        for (int i = 0; i < extent; i++) {
            weights[i] = (float) i / extent;
        }
        TensorScope.run(
                () -> {
                    Tensor weight =
                            (dim == 2
                                            ? Ops.tensor(weights, 1, 1, extent, 1)
                                            : Ops.tensor(weights, 1, 1, 1, extent))
                                    .to(tile);
                    Tensor end = before.narrow(dim, before.size(dim) - extent, extent);
                    Tensor start = tile.narrow(dim, 0, extent);
                    start.copy_(end.lerp(start, weight));
                });
    }
}
