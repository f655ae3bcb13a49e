package dev.reelrank.prompt;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A store whose results are neither found nor kept; its blobs are the other store's. */
final class NothingStored implements ResultStore {
    private final ResultStore blobs;

    NothingStored(ResultStore blobs) {
        this.blobs = blobs;
    }

    @Override
    public BlobRef putBlob(Path file, String mediaType) {
        return blobs.putBlob(file, mediaType);
    }

    @Override
    public BlobRef putBlob(byte[] bytes, String mediaType) {
        return blobs.putBlob(bytes, mediaType);
    }

    @Override
    public Path fetch(BlobRef blob, Path scratch) {
        return blobs.fetch(blob, scratch);
    }

    @Override
    public void check() {
        blobs.check();
    }

    @Override
    public boolean holds(BlobRef blob) {
        return blobs.holds(blob);
    }

    @Override
    public Optional<byte[]> result(String inputKey) {
        return Optional.empty();
    }

    @Override
    public byte[] putResultIfAbsent(String inputKey, byte[] event) {
        return event;
    }

    @Override
    public void setAside(String inputKey) {
        // There is nothing to move.
    }

    @Override
    public void putDraft(String inputKey, String name, Path file) {
        // Nothing goes on from it.
    }

    @Override
    public List<String> drafts(String inputKey) {
        return List.of();
    }

    @Override
    public Optional<Path> fetchDraft(String inputKey, String name, Path scratch) {
        return Optional.empty();
    }

    @Override
    public void dropDraft(String inputKey, String name) {
        // There is nothing to remove.
    }

    @Override
    public void close() {
        blobs.close();
    }
}
