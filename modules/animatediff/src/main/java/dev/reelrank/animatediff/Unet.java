package dev.reelrank.animatediff;

import dev.reelrank.diffusion.TimestepEmbedding;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import dev.reelrank.torch.train.Block;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * Stable Diffusion's UNet with motion modules: residual blocks, attention to positions and text,
 * and attention over frames, at falling and then at rising resolution, with skips between the two
 * halves.
 */
final class Unet implements AutoCloseable {
    /** Sees what every stage made, in their order. */
    interface Watch {
        void made(String stage, Tensor hidden);
    }

    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters = new Parameters();
    private final PictureKernels kernels;
    private final TimestepEmbedding time;
    private final List<Stage> stages = new ArrayList<>();

    /**
     * @param home where the stages' weights go: the device, or the CPU if they visit it
     * @param format of the transformers' linear layers
     * @param adapters put beside these layers
     */
    Unet(
            UnetConfig config,
            TensorSource source,
            TorchDevice device,
            TorchDevice home,
            DType dtype,
            LinearFormat format,
            LinearAdapters adapters) {
        this.device = device;
        this.dtype = dtype;
        kernels = new PictureKernels(device);
        try {
            var weights = new Weights(source, device, dtype, parameters);
            time =
                    TimestepEmbedding.load(
                            weights.child("time_embedding"),
                            config.channels().get(0),
                            config.timeDim(),
                            device);
            stages.addAll(
                    UnetStages.load(
                            config, weights.on(home), new LayerFactory(format, adapters, kernels)));
            weights.requireAllUsed();
            adapters.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Weights outside the stages, which stay on the device. */
    Parameters parameters() {
        return parameters;
    }

    /** The stages' weights, in their order. */
    List<Parameters> stageWeights() {
        return stages.stream().map(Stage::parameters).toList();
    }

    /** Bytes of all weights. */
    long bytes() {
        return parameters.bytes()
                + stages.stream().mapToLong(stage -> stage.parameters().bytes()).sum();
    }

    /**
     * One evaluation with each of some texts.
     *
     * @param latents noisy, shape (1, channels, frames, height, width)
     * @param timestep 0..999
     * @param text rows of the prompts, shape (texts, tokens, text dim)
     * @param still whether motion modules are left out
     * @param watch sees the stages; null for nobody
     * @return the predictions, shape (texts, channels, frames, height, width), in the model's type
     */
    Tensor apply(
            Tensor latents,
            double timestep,
            Tensor text,
            boolean still,
            BlockVisits visits,
            @Nullable Watch watch) {
        return TensorScope.compute(
                () -> {
                    var input = input(timestep, text, latents.size(2), still);
                    Tensor[] state = {pictures(latents, text.size(0))};
                    for (var stage : stages) {
                        Tensor[] before = state;
                        visits.enter(stage.parameters());
                        state = made(stage, before, input);
                        visits.exit(stage.parameters());
                        if (watch != null) {
                            watch.made(stage.name(), state[0]);
                        }
                        release(before, state);
                    }
                    return video(state[0], latents.size(2));
                });
    }

    /** The state after a stage; what it made is the open scope's, what it passed on stays. */
    private static Tensor[] made(Stage stage, Tensor[] before, UnetInput input) {
        var after = new ArrayList<Tensor>();
        TensorScope.computeAll(
                () -> {
                    Tensor[] state = stage.step().apply(before, input);
                    int last = state.length - 1;
                    if (last > 0 && state[0].address() == state[last].address()) {
                        // A handle of its own for the skip: each is freed for itself.
                        state[last] = state[last].alias();
                    }
                    after.addAll(List.of(state));
                    return after.stream()
                            .filter(tensor -> !contains(before, tensor))
                            .toArray(Tensor[]::new);
                });
        return after.toArray(Tensor[]::new);
    }

    private static boolean contains(Tensor[] tensors, Tensor wanted) {
        for (Tensor tensor : tensors) {
            if (tensor.address() == wanted.address()) {
                return true;
            }
        }
        return false;
    }

    private static void release(Tensor[] before, Tensor[] after) {
        for (Tensor old : before) {
            if (!contains(after, old)) {
                old.close();
            }
        }
    }

    /**
     * One evaluation as blocks that can be computed again; everything belongs to the open scope.
     *
     * @param latents noisy, shape (1, channels, frames, height, width)
     * @param text rows of the prompt, shape (tokens, text dim)
     */
    NetworkPass pass(Tensor latents, double timestep, Tensor text) {
        long frames = latents.size(2);
        var input = input(timestep, text.unsqueeze(0), frames, false);
        var blocks = new ArrayList<Block>();
        for (var stage : stages) {
            blocks.add(state -> stage.step().apply(state, input));
        }
        blocks.add(state -> new Tensor[] {video(state[0], frames)});
        return new NetworkPass(new Tensor[] {pictures(latents, 1)}, blocks);
    }

    /** The frames of as many equal clips, one after the other. */
    private Tensor pictures(Tensor latents, long clips) {
        return device.place(latents, dtype)
                .expand(clips, -1, -1, -1, -1)
                .permute(0, 2, 1, 3, 4)
                .flatten(0, 1)
                .contiguous(MemoryFormat.ChannelsLast);
    }

    private static Tensor video(Tensor pictures, long frames) {
        return pictures.unflatten(0, new long[] {pictures.size(0) / frames, frames})
                .permute(0, 2, 1, 3, 4)
                .contiguous();
    }

    private UnetInput input(double timestep, Tensor text, long frames, boolean still) {
        return new UnetInput(embedded(timestep), device.place(text, dtype), frames, still);
    }

    private Tensor embedded(double timestep) {
        return TensorScope.compute(() -> Ops.to(Ops.silu(time.apply(timestep)), dtype));
    }

    @Override
    public void close() {
        stages.forEach(stage -> stage.parameters().close());
        stages.clear();
        kernels.close();
        parameters.close();
    }
}
