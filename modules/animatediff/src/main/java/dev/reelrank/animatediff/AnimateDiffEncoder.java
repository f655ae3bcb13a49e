package dev.reelrank.animatediff;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.image.Frames;
import dev.reelrank.diffusion.text.TextContext;
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

/** CLIP's text encoder and the autoencoder, for training. */
final class AnimateDiffEncoder implements TrainingEncoder {
    private final AnimateDiffModel model;
    private final ClipTexts texts;
    private final PictureVae vae;

    AnimateDiffEncoder(AnimateDiffModel model, Precision precision, TorchDevice device) {
        this.model = model;
        var parts = model.parts();
        try (var source = parts.openText()) {
            texts = model.texts(source, device, precision.dtype(), false);
        }
        try (var source = parts.openVae()) {
            vae = new PictureVae(parts.vae(), source, device, precision.dtype());
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
        double skip = model.defaults().parameters().getOrDefault(AnimateDiffModel.CLIP_SKIP, 0.0);
        try (var text = texts.encode(prompt, (int) skip)) {
            return new TrainingCondition(
                    new TextContext(onCpu(() -> text.rows().clone()), 0), null);
        }
    }

    @Override
    public Tensor latents(List<RgbImage> frames) {
        return onCpu(
                () ->
                        vae.toLatents(
                                Ops.cat(
                                        0,
                                        frames.stream()
                                                .map(Frames::toTensor)
                                                .toArray(Tensor[]::new)),
                                null));
    }

    private static Tensor onCpu(Supplier<Tensor> body) {
        return TensorScope.compute(() -> TorchDevice.cpu().place(body.get(), DType.FLOAT32));
    }

    @Override
    public void close() {
        vae.close();
        texts.close();
    }
}
