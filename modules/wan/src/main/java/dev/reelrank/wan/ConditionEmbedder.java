package dev.reelrank.wan;

import dev.reelrank.diffusion.TimestepEmbedding;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** Embeds the timestep and the prompt. */
final class ConditionEmbedder {
    private final TransformerConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final TimestepEmbedding time;
    private final Linear timeProjection;
    private final Linear text1;
    private final Linear text2;

    /**
     * @param timestep of the expert's output, shape (1, dim), or (2, 1, dim) with a given frame
     * @param blocks six numbers a channel
     */
    record Time(Tensor timestep, Modulation blocks) {}

    ConditionEmbedder(Weights weights, TransformerConfig config, TorchDevice device) {
        this.config = config;
        this.device = device;
        this.dtype = weights.dtype();
        time =
                TimestepEmbedding.load(
                        weights.child("time_embedder"),
                        config.frequencyDim(),
                        config.dim(),
                        device);
        timeProjection =
                Linear.load(weights.child("time_proj"), config.dim(), 6 * config.dim(), true);
        Weights text = weights.child("text_embedder");
        text1 = Linear.load(text.child("linear_1"), config.textDim(), config.dim(), true);
        text2 = Linear.load(text.child("linear_2"), config.dim(), config.dim(), true);
    }

    /**
     * Embeds a time.
     *
     * @param timestep 0..1000
     * @param stretches the tokens of a given frame, which are told 0, and the others
     * @return float32, whatever the model's type
     */
    Time time(double timestep, Stretches stretches) {
        boolean given = stretches.given() > 0;
        double[] times = given ? new double[] {0, timestep} : new double[] {timestep};
        Tensor embedded = Ops.to(time.apply(times), dtype);
        Tensor modulation =
                Ops.to(timeProjection.apply(Ops.silu(embedded)), DType.FLOAT32)
                        .unflatten(-1, new long[] {6, config.dim()});
        Tensor told = Ops.to(embedded, DType.FLOAT32);
        return new Time(
                given ? told.unsqueeze(1) : told,
                new Modulation(given ? modulation : modulation.squeeze(0), stretches));
    }

    /**
     * The prompt's rows in the expert's width, with one more for the padding if there is any.
     *
     * @return shape (tokens, dim) or (tokens + 1, dim)
     */
    Tensor text(TextContext prompt) {
        return TensorScope.compute(
                () -> {
                    Tensor rows = device.place(prompt.rows(), dtype);
                    if (prompt.padding() > 0) {
                        rows = Ops.cat(0, rows, Ops.zeros(device, dtype, 1, config.textDim()));
                    }
                    return text2.apply(Ops.gelu(text1.apply(rows)));
                });
    }
}
