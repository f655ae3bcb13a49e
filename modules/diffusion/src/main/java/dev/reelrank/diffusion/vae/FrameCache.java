package dev.reelrank.diffusion.vae;

import dev.reelrank.torch.Ops;
import java.util.IdentityHashMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The last frames that each layer of the VAE saw, so that a video can be computed in chunks with
 * the result of the whole.
 */
public final class FrameCache implements AutoCloseable {
    private final IdentityHashMap<Object, Tensor> frames = new IdentityHashMap<>();

    /** What a layer remembered; null before its first chunk. */
    public @Nullable Tensor before(Object layer) {
        return frames.get(layer);
    }

    /** Whether this is a layer's first chunk. */
    public boolean isFirst(Object layer) {
        return !frames.containsKey(layer);
    }

    /**
     * Remembers the last frames of a chunk, with those before them where the chunk is too short and
     * with zeros where there were none.
     *
     * @param x shape (frames, channels, height, width)
     */
    public void remember(Object layer, Tensor x, long count) {
        Tensor last;
        if (x.size(0) >= count) {
            // A copy: a view would keep the whole chunk alive.
            last = x.narrow(0, x.size(0) - count, count).clone();
        } else {
            long missing = count - x.size(0);
            Tensor before = frames.get(layer);
            Tensor earlier =
                    before != null
                            ? before.narrow(0, before.size(0) - missing, missing)
                            : zeros(x, missing);
            last = Ops.cat(0, earlier, x);
        }
        last.retainReference();
        Tensor old = frames.put(layer, last);
        if (old != null) {
            old.releaseReference();
        }
    }

    private static Tensor zeros(Tensor x, long count) {
        Tensor one = org.bytedeco.pytorch.global.torch.zeros_like(x.narrow(0, 0, 1));
        return count == 1 ? one : Ops.cat(0, one, zeros(x, count - 1));
    }

    @Override
    public void close() {
        frames.values().forEach(Tensor::releaseReference);
        frames.clear();
    }
}
