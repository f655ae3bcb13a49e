package dev.reelrank.hub.local;

import dev.reelrank.hub.content.RepositoryFile;

/**
 * A file that a model consists of.
 *
 * @param file of the repository
 * @param checked the time of the file's last change when its hash was right, in milliseconds since
 *     1970; 0 if that was never seen
 */
public record LockedFile(RepositoryFile file, long checked) {}
