package dev.reelrank.flow.json;

import dev.reelrank.pipeline.store.ResultStore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The result store, opened when the first image has to be kept: flow starts and works while the
 * store is away.
 */
public final class ImageStore implements AutoCloseable {
    private final Supplier<ResultStore> opener;
    private @Nullable ResultStore store;

    /**
     * @param opener opens it, or throws STORE_UNAVAILABLE
     */
    public ImageStore(Supplier<ResultStore> opener) {
        this.opener = opener;
    }

    /**
     * The open store.
     *
     * @throws dev.reelrank.pipeline.StageException STORE_UNAVAILABLE if it is not there now
     */
    synchronized ResultStore open() {
        if (store == null) {
            store = opener.get();
        }
        return store;
    }

    @Override
    public synchronized void close() {
        if (store != null) {
            store.close();
        }
    }
}
