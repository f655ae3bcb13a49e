package dev.reelrank.wan;

import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The parts of one model, each on its own: for comparing part by part with the original. A part is
 * loaded for a call and freed after it, so that only one is in memory.
 *
 * <p>Tensors have the original's shapes and belong to the open scope.
 */
public final class WanPiecewise {
    private final WanSnapshot snapshot;
    private final TorchDevice device;
    private final DType dtype;

    /**
     * @param dtype what every part computes in
     */
    public WanPiecewise(WanSnapshot snapshot, TorchDevice device, DType dtype) {
        this.snapshot = snapshot;
        this.device = device;
        this.dtype = dtype;
    }

    /** Tokenizer and text encoder; the caller closes them. */
    public Texts texts() {
        return snapshot.texts(device, dtype, false);
    }

    /**
     * The most likely latents of a video, not normalised.
     *
     * @param video shape (1, 3, frames, height, width), -1..1
     * @return shape (1, channels, latent frames, latent height, latent width)
     */
    public Tensor encode(Tensor video) {
        return TensorScope.compute(
                () -> {
                    try (var vae = vae()) {
                        return videoOf(vae.encode(framesOf(video), null));
                    }
                });
    }

    /**
     * The video of latents that are not normalised.
     *
     * @param latents shape (1, channels, latent frames, latent height, latent width)
     * @return shape (1, 3, frames, height, width), -1..1
     */
    public Tensor decode(Tensor latents) {
        return TensorScope.compute(
                () -> {
                    var chunks = new ArrayList<Tensor>();
                    try (var vae = vae()) {
                        vae.decode(
                                framesOf(latents),
                                null,
                                chunk -> {
                                    Tensor copy = chunk.clone();
                                    copy.retainReference();
                                    chunks.add(copy);
                                });
                    }
                    Tensor frames = Ops.cat(0, chunks.toArray(Tensor[]::new));
                    chunks.forEach(Tensor::releaseReference);
                    return videoOf(frames);
                });
    }

    private Vae vae() {
        try (var source = snapshot.part("vae")) {
            return new Vae(snapshot.vae(), source, device, dtype);
        }
    }

    private static Tensor framesOf(Tensor video) {
        return video.squeeze(0).permute(1, 0, 2, 3);
    }

    private static Tensor videoOf(Tensor frames) {
        return frames.permute(1, 0, 2, 3).unsqueeze(0);
    }

    /**
     * What an expert predicts.
     *
     * @param part the folder of the expert: {@code transformer} or {@code transformer_2}
     * @param loras merged into it
     * @param x shape (1, channels, latent frames, latent height, latent width)
     * @param text rows of the prompt, shape (tokens, text dim)
     * @return float32, the shape of the latents
     */
    public Tensor velocity(
            String part, List<LoraSpec> loras, Tensor x, double timestep, Tensor text) {
        return velocity(part, loras, x, timestep, text, 1);
    }

    /**
     * The same with sparse self-attention in every layer.
     *
     * @param share of the softmax that is computed, above 0; 1 for all of it
     */
    public Tensor velocity(
            String part,
            List<LoraSpec> loras,
            Tensor x,
            double timestep,
            Tensor text,
            double share) {
        var sparsity =
                new Sparsity(Sparsity.PUBLISHED_TOPK, share, 0, SparseKernels.BFLOAT16, null);
        var expert = part.equals(Expert.LOW.folder()) ? Expert.LOW : Expert.HIGH;
        return TensorScope.compute(
                () -> {
                    Tensor rows = device.place(text, dtype).clone();
                    rows.retainReference();
                    try (var context = new TextContext(rows, WanSnapshot.TEXT_ROWS - rows.size(0));
                            var model = transformer(expert, loras);
                            var input = model.prompt(context)) {
                        return model.apply(
                                device.place(x, DType.FLOAT32),
                                timestep,
                                0,
                                input,
                                BlockVisits.RESIDENT,
                                sparsity,
                                PartWatch.NONE);
                    }
                });
    }

    private WanTransformer transformer(Expert expert, List<LoraSpec> loras) {
        try (var source = snapshot.expert(expert, loras)) {
            return new WanTransformer(
                    snapshot.transformer(),
                    source,
                    device,
                    device,
                    dtype,
                    LinearFormat.DENSE,
                    new EagerMath());
        }
    }
}
