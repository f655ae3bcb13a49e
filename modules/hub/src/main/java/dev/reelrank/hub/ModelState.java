package dev.reelrank.hub;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How far a model is.
 *
 * @param name of the model
 * @param repository {@code org/name}
 * @param revision that the plan names
 * @param commit of the lock file, null if it has none
 * @param state in one word
 * @param folder of the model
 * @param files it consists of; 0 if nobody has asked the hub yet
 * @param presentFiles of them, by their sizes
 * @param bytes of all its files, of the lock file, or else roughly of the plan
 * @param presentBytes on the disk, partial files included
 * @param exported whether the exported model is there, null where none is needed
 */
public record ModelState(
        String name,
        String repository,
        String revision,
        @Nullable String commit,
        State state,
        Path folder,
        int files,
        int presentFiles,
        long bytes,
        long presentBytes,
        @Nullable Boolean exported) {
    /** In one word. */
    public enum State {
        /** All files have their sizes; {@link Verify} looks at the contents. */
        READY,
        /** Some are there, or partial. */
        PARTIAL,
        /** Nothing is there. */
        MISSING,
        /** A folder is there, but not from here: nothing is known about its files. */
        UNKNOWN
    }
}
