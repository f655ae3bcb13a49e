package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.image.Frames;
import dev.reelrank.diffusion.image.LanczosResize;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The text encoder and the autoencoder, for training. Latents are the most likely ones, not drawn:
 * a training encodes each video once.
 */
final class CogEncoder implements TrainingEncoder {
    private final CogModel model;
    private final Texts texts;
    private final CogVae vae;

    CogEncoder(CogModel model, Precision precision, TorchDevice device) {
        this.model = model;
        texts = model.texts(device, precision.dtype(), Offload.NONE);
        try {
            vae = model.vae(device, precision.dtype());
        } catch (RuntimeException e) {
            texts.close();
            throw e;
        }
    }

    @Override
    public TrainingCondition condition(
            String prompt, @Nullable RgbImage image, int frames, int width, int height) {
        if (prompt.isBlank()) {
            throw new StageException(FailureCode.EMPTY_PROMPT, "the prompt is empty");
        }
        model.options().checkImage(image != null);
        Tensor encoded = image == null ? null : onCpu(() -> beside(image, frames, width, height));
        try (var text = texts.encode(prompt)) {
            return new TrainingCondition(
                    new TextContext(onCpu(() -> text.rows().clone()), text.padding()), encoded);
        }
    }

    private Tensor beside(RgbImage image, int frames, int width, int height) {
        Tensor first = Frames.toTensor(LanczosResize.resize(image, width, height));
        long latentFrames = model.shape().latents(frames, width, height)[1];
        return model.shape().beside(vae.encode(first, null).mean(), latentFrames).transpose(1, 2);
    }

    @Override
    public Tensor latents(List<RgbImage> frames) {
        return onCpu(
                () -> {
                    Tensor[] all = frames.stream().map(Frames::toTensor).toArray(Tensor[]::new);
                    return model.shape()
                            .scaled(vae.encode(Ops.cat(0, all), null).mean(), frames.size())
                            .transpose(1, 2);
                });
    }

    private static Tensor onCpu(Supplier<Tensor> body) {
        return TensorScope.compute(
                () -> TorchDevice.cpu().place(body.get(), DType.FLOAT32).contiguous());
    }

    @Override
    public void close() {
        vae.close();
        texts.close();
    }
}
