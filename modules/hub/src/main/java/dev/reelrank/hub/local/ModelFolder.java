package dev.reelrank.hub.local;

import dev.reelrank.hub.content.RepositoryFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where the files of one model lie. */
public interface ModelFolder {
    /** The folder that a worker is given. */
    Path path();

    /** Where a worker finds the file. */
    Path visible(RepositoryFile file);

    /** Where the file may lie already, or wait for an update to end. The first is the best. */
    List<Path> candidates(RepositoryFile file);

    /** Where the bytes of a file that is not there go. */
    Path destination(RepositoryFile file);

    /** Makes a file visible whose bytes have arrived, unless an update is to end first. */
    void show(RepositoryFile file) throws IOException;

    /**
     * Ends a fetch: all files are there.
     *
     * @param files of the model
     * @param leftovers paths below the models folder that are removed
     */
    void complete(List<RepositoryFile> files, List<String> leftovers) throws IOException;
}
