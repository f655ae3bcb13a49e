package dev.reelrank.hub.content;

/**
 * A file of a repository at one commit.
 *
 * @param path inside the repository, with {@code /}; never leaves it
 * @param size bytes
 * @param hash of its content
 */
public record RepositoryFile(String path, long size, ContentHash hash) {
    /**
     * Checks the path.
     *
     * @throws IllegalArgumentException if the path could lead out of a folder, or the size is
     *     negative: such a listing is not to be trusted
     */
    public RepositoryFile {
        if (path.isEmpty() || path.startsWith("/") || path.matches(".*[\\\\:\\p{Cntrl}].*")) {
            throw new IllegalArgumentException("'" + path + "' is no path inside a repository");
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("'" + path + "' is no path inside a repository");
            }
        }
        if (size < 0) {
            throw new IllegalArgumentException("'" + path + "' has a size of " + size);
        }
    }
}
