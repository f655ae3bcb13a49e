package dev.reelrank.wan;

import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a layer gave for the chunk before, past the scope in which it was made. */
final class KeptChunk implements AutoCloseable {
    private @Nullable Tensor chunk;

    Tensor get() {
        return Objects.requireNonNull(chunk, "no layer was settled");
    }

    void put(Tensor made) {
        made.retainReference();
        close();
        chunk = made;
    }

    @Override
    public void close() {
        if (chunk != null) {
            chunk.releaseReference();
            chunk = null;
        }
    }
}
