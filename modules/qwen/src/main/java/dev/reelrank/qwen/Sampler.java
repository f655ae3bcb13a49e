package dev.reelrank.qwen;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Chooses each row's next token on the device: the likeliest, or one drawn from what top-k and
 * top-p leave, with random numbers that are drawn on the CPU and so depend on the seed alone.
 */
final class Sampler implements AutoCloseable {
    private final Decoding decoding;
    private final QwenConfig.Sampling sampling;
    private final TorchDevice device;
    private final @Nullable Generator generator;

    Sampler(Decoding decoding, QwenConfig.Sampling sampling, TorchDevice device) {
        this.decoding = decoding;
        this.sampling = sampling;
        this.device = device;
        if (decoding.temperature() > 0) {
            generator = torch.make_generator_cpu(decoding.seed());
            generator.retainReference();
        } else {
            generator = null;
        }
    }

    /**
     * Draws the next token of each row.
     *
     * @param logits shape (rows, vocabulary)
     * @return int64, shape (rows)
     */
    Tensor next(Tensor logits) {
        return generator == null
                ? logits.argmax(new LongOptional(-1), false)
                : TensorScope.compute(() -> draw(logits));
    }

    private Tensor draw(Tensor logits) {
        var scaled = Ops.to(logits, DType.FLOAT32).div(new Scalar(decoding.temperature()));
        var best = torch.topk(scaled, Math.min(sampling.topK(), logits.size(1)), -1, true, true);
        var kept = best.get0();
        var probabilities = kept.softmax(-1);
        // A token stays while those before it have not reached the share; the first always stays.
        var before = probabilities.cumsum(-1).sub(probabilities);
        var cut = before.ge(new Scalar(sampling.topP()));
        cut.narrow(-1, 0, 1).zero_();
        var uniform =
                torch.rand(
                        kept.shape(),
                        new GeneratorOptional(generator),
                        TorchDevice.cpu().options(DType.FLOAT32));
        // The largest of log p + Gumbel noise is a draw from p.
        var noise = uniform.clamp_min_(new Scalar(1e-20)).log().neg().log().neg();
        var choice =
                kept.masked_fill(cut, new Scalar(Double.NEGATIVE_INFINITY))
                        .add(device.place(noise, DType.FLOAT32))
                        .argmax(new LongOptional(-1), true);
        return best.get1().gather(-1, choice).squeeze(-1);
    }

    @Override
    public void close() {
        if (generator != null) {
            generator.releaseReference();
        }
    }
}
