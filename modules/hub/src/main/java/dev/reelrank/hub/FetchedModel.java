package dev.reelrank.hub;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One model of a fetch.
 *
 * @param name of the model
 * @param repository {@code org/name}
 * @param revision that the plan names
 * @param commit that it meant
 * @param folder where a worker, or the exporter, finds it
 * @param files of the model
 * @param bytes of them
 * @param missingFiles that the fetch brought, or would bring
 * @param missingBytes of them, without what an earlier process left
 * @param export the model's name for the exporter, null where the files are served as they are
 */
public record FetchedModel(
        String name,
        String repository,
        String revision,
        String commit,
        Path folder,
        int files,
        long bytes,
        int missingFiles,
        long missingBytes,
        @Nullable String export) {}
