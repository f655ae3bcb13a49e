package dev.reelrank.hub.local;

import dev.reelrank.hub.content.RepositoryFile;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a model is: one entry of the lock file.
 *
 * @param repository {@code org/name}
 * @param revision that the plan names
 * @param commit that the revision meant when it was fetched, and means for all later fetches
 * @param layout of its folder
 * @param folder below the models folder
 * @param strip folder of the repository whose content the folder has
 * @param patterns by which the files were chosen
 * @param files at that commit
 * @param leftovers paths below the models folder that an update makes superfluous
 */
public record LockedModel(
        String repository,
        String revision,
        String commit,
        Layout layout,
        String folder,
        String strip,
        List<String> patterns,
        List<LockedFile> files,
        List<String> leftovers) {
    public LockedModel {
        patterns = List.copyOf(patterns);
        files = List.copyOf(files);
        leftovers = List.copyOf(leftovers);
    }

    /** The files without what is known about the disk. */
    public List<RepositoryFile> repositoryFiles() {
        return files.stream().map(LockedFile::file).toList();
    }

    /** The times of {@link LockedFile#checked}, by path and hash. */
    public Map<RepositoryFile, Long> checked() {
        return files.stream().collect(Collectors.toMap(LockedFile::file, LockedFile::checked));
    }

    /** All bytes. */
    public long bytes() {
        return files.stream().mapToLong(f -> f.file().size()).sum();
    }

    /** The same with other files. */
    public LockedModel with(List<LockedFile> otherFiles, List<String> otherLeftovers) {
        return new LockedModel(
                repository,
                revision,
                commit,
                layout,
                folder,
                strip,
                patterns,
                otherFiles,
                otherLeftovers);
    }

    /** Its folder below the models folder. */
    public ModelFolder open(java.nio.file.Path root) {
        return layout == Layout.PLAIN
                ? new PlainFolder(root, folder, strip)
                : new CacheFolder(root, repository, revision, commit);
    }
}
