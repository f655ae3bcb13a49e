package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.image.Frames;
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
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Wan's text encoder and autoencoder, for training. */
final class WanEncoder implements TrainingEncoder {
    private final WanSnapshot snapshot;
    private final Texts texts;
    private final Vae vae;

    WanEncoder(WanSnapshot snapshot, Precision precision, TorchDevice device) {
        this.snapshot = snapshot;
        texts = snapshot.texts(device, precision.dtype(), false);
        try (TensorSource source = snapshot.part("vae")) {
            vae = new Vae(snapshot.vae(), source, device, precision.dtype());
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
        if (snapshot.givenFirstFrame() && image != null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    snapshot.folder()
                            + " is trained from text alone (a given first frame would count in the loss): leave the images of the pairs out");
        }
        if ((image != null) != snapshot.imageToVideo()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    snapshot.imageToVideo()
                            ? snapshot.folder() + " makes videos from images: the pair needs one"
                            : snapshot.folder()
                                    + " makes videos from text alone: the pair must have no image");
        }
        Tensor encoded =
                image == null
                        ? null
                        : onCpu(
                                () ->
                                        ImageCondition.encode(
                                                vae,
                                                snapshot.vae().temporalFactor(),
                                                image,
                                                frames,
                                                width,
                                                height,
                                                null));
        try (var text = texts.encode(prompt)) {
            Tensor rows = onCpu(() -> text.rows().clone());
            return new TrainingCondition(new TextContext(rows, text.padding()), encoded);
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

    private static Tensor onCpu(java.util.function.Supplier<Tensor> body) {
        return TensorScope.compute(() -> TorchDevice.cpu().place(body.get(), DType.FLOAT32));
    }

    @Override
    public void close() {
        vae.close();
        texts.close();
    }
}
