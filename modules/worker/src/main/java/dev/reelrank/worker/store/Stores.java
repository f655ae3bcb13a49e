package dev.reelrank.worker.store;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.net.URI;
import java.nio.file.Path;

/** Opens the store that a URI names. */
public final class Stores {
    private Stores() {}

    /**
     * @param uri a folder's path or {@code file:} URI
     * @throws StageException INVALID_CONFIG for another scheme, STORE_UNAVAILABLE if it cannot be
     *     reached
     */
    public static ResultStore open(String uri) {
        if (uri.startsWith("file:")) {
            return LocalStore.open(Path.of(URI.create(uri)));
        }
        var scheme = uri.indexOf("://");
        if (scheme > 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no store for '" + uri + "'; use a folder or a file: URI");
        }
        return LocalStore.open(Path.of(uri).toAbsolutePath());
    }
}
