package dev.reelrank.pipeline.store;

import dev.reelrank.pipeline.BlobRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Results by input key, blobs by SHA-256. Several processes and hosts use one store at once; it is
 * the only thing besides the bus that they share.
 *
 * <p>Every method throws {@link dev.reelrank.pipeline.StageException}: {@code STORE_UNAVAILABLE}
 * when the store does not answer (try again), {@code OUT_OF_DISK} when it is full, {@code
 * INPUT_LOST} when a blob is missing or its bytes have another hash.
 */
public interface ResultStore extends AutoCloseable {
    /**
     * Puts a file's bytes under their hash; nothing happens if they are there already. Readers
     * never see half of it.
     */
    BlobRef putBlob(Path file, String mediaType);

    /** The same for bytes in memory. */
    BlobRef putBlob(byte[] bytes, String mediaType);

    /**
     * A local file with the blob's bytes, checked against their hash. The file may be the store's
     * own: do not write to it.
     *
     * @param scratch where a copy may be put if the store is remote
     */
    Path fetch(BlobRef blob, Path scratch);

    /** Whether the blob is there with the right hash. */
    boolean holds(BlobRef blob);

    /** The stored event of an input key. */
    Optional<byte[]> result(String inputKey);

    /**
     * Stores an event unless one is there.
     *
     * @return the bytes that are stored afterwards: the given ones, or those of the first writer
     */
    byte[] putResultIfAbsent(String inputKey, byte[] event);

    /**
     * Moves a result that does not decode or match out of the way; it stays beside the others for
     * people to look at.
     */
    void setAside(String inputKey);

    /**
     * Keeps a state of work that is not finished, so that another process can go on from it. It is
     * there as a whole afterwards, or the one before it still is.
     *
     * @param inputKey of the work
     * @param name letters, digits, dots and dashes; an equal one is replaced
     */
    void putDraft(String inputKey, String name, Path file);

    /** The names of what {@link #putDraft} kept for a piece of work, sorted; empty if nothing. */
    List<String> drafts(String inputKey);

    /**
     * A local file with a draft, whose bytes nobody has checked. Do not write to it.
     *
     * @param scratch where a copy may be put if the store is remote
     * @return empty if it is not there (any more)
     */
    Optional<Path> fetchDraft(String inputKey, String name, Path scratch);

    /** Removes a draft; nothing happens if there is none. */
    void dropDraft(String inputKey, String name);

    /** Ends well if the store answers, and soon if it does not. */
    void check();

    @Override
    void close();
}
