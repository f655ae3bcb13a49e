package dev.reelrank.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * What a check found.
 *
 * @param name of the model
 * @param repository {@code org/name}
 * @param commit of the lock file
 * @param folder of the model
 * @param files that were hashed
 * @param bytes of them
 * @param problems with files; empty if all is well
 */
public record VerifiedModel(
        String name,
        String repository,
        String commit,
        Path folder,
        int files,
        long bytes,
        List<FileProblem> problems) {}
