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
     * Opens the store and creates it if it does not exist: for commands that submit samples.
     *
     * @param uri a folder's path or {@code file:} URI, or {@code s3://bucket/prefix} (see {@link
     *     S3Store})
     * @throws StageException INVALID_CONFIG for another scheme, STORE_UNAVAILABLE if it cannot be
     *     reached
     */
    public static ResultStore open(String uri) {
        return open(uri, InputRoots.NONE);
    }

    /** The same for a process that reads inputs from further folders. */
    public static ResultStore open(String uri, InputRoots inputs) {
        return uri.startsWith("s3:")
                ? S3Store.open(uri, inputs)
                : LocalStore.open(folder(uri), inputs);
    }

    /**
     * Opens an existing store: for workers, which must not mistake an unmounted share for a new
     * store.
     *
     * @throws StageException INVALID_CONFIG for another scheme, STORE_UNAVAILABLE if it is not
     *     there (yet)
     */
    public static ResultStore existing(String uri, InputRoots inputs) {
        return uri.startsWith("s3:")
                ? S3Store.open(uri, inputs)
                : LocalStore.existing(folder(uri), inputs);
    }

    /**
     * What an existing store holds.
     *
     * @throws StageException INVALID_CONFIG for another scheme, STORE_UNAVAILABLE if it is not
     *     there
     */
    public static StoreContents contents(String uri) {
        return uri.startsWith("s3:") ? S3Store.contents(uri) : LocalContents.of(folder(uri));
    }

    private static Path folder(String uri) {
        if (uri.startsWith("file:")) {
            return Path.of(URI.create(uri));
        }
        var scheme = uri.indexOf("://");
        if (scheme > 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no store for '" + uri + "'; use a folder, a file: URI or s3://bucket/prefix");
        }
        return Path.of(uri).toAbsolutePath();
    }
}
