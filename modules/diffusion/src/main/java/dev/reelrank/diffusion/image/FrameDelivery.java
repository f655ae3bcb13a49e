package dev.reelrank.diffusion.image;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.StreamMark;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Brings decoded frames to the host while a GPU decodes the next ones: a chunk is fetched, and its
 * pictures are handed over, when the chunk after it has been queued. On the CPU at once.
 */
public final class FrameDelivery implements AutoCloseable {
    private final TorchDevice device;
    private final Consumer<RgbImage> frames;
    private final SideStream side;
    private @Nullable Chunk waiting;

    /** Grey levels on the device, a number that is finite if all values were, and when both are. */
    private record Chunk(Tensor levels, Tensor spread, StreamMark made) {
        void free() {
            levels.releaseReference();
            spread.releaseReference();
            made.close();
        }
    }

    /**
     * @param frames takes the pictures in their order, in the calling thread
     */
    public FrameDelivery(TorchDevice device, Consumer<RgbImage> frames) {
        this.device = device;
        this.frames = frames;
        side = new SideStream(device);
    }

    /**
     * Takes the next frames.
     *
     * @param decoded as for {@link Frames#toImages}
     * @throws dev.reelrank.pipeline.StageException as there, perhaps for frames before these
     */
    public void accept(Tensor decoded) {
        if (!device.isCuda()) {
            Frames.toImages(decoded).forEach(frames);
            return;
        }
        Chunk next = queued(decoded);
        try {
            deliver();
        } finally {
            waiting = next;
        }
    }

    private Chunk queued(Tensor decoded) {
        try (var scope = TensorScope.open()) {
            Tensor levels = Frames.levels(decoded);
            Tensor spread = Ops.spread(decoded);
            levels.retainReference();
            spread.retainReference();
            return new Chunk(levels, spread, StreamMark.of(device));
        }
    }

    /** Hands over what is still waiting. */
    public void finish() {
        deliver();
    }

    private void deliver() {
        Chunk chunk = waiting;
        waiting = null;
        if (chunk == null) {
            return;
        }
        List<RgbImage> images = new ArrayList<>();
        try {
            side.run(
                    () ->
                            TensorScope.run(
                                    () -> {
                                        chunk.made().await();
                                        Frames.requireFinite(chunk.spread().item_double());
                                        images.addAll(Frames.images(chunk.levels()));
                                    }));
        } finally {
            chunk.free();
        }
        images.forEach(frames);
    }

    @Override
    public void close() {
        Chunk chunk = waiting;
        waiting = null;
        if (chunk != null) {
            device.synchronize();
            chunk.free();
        }
        side.close();
    }
}
