package dev.reelrank.hub;

/**
 * A file that is not as the lock file says.
 *
 * @param path in the repository
 * @param problem in a few words
 */
public record FileProblem(String path, String problem) {}
