package dev.reelrank.hub;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.local.LockedModel;
import dev.reelrank.hub.local.ModelFolder;
import dev.reelrank.hub.local.PartFile;
import dev.reelrank.hub.plan.ModelPlan;
import java.util.List;

/**
 * One model of a fetch, once it is known what there is to do.
 *
 * @param plan of the model
 * @param locked what it will be
 * @param folder where
 * @param missing files that are not there
 */
record FetchJob(
        ModelPlan plan, LockedModel locked, ModelFolder folder, List<RepositoryFile> missing) {
    /** Bytes of the missing files. */
    long missingBytes() {
        return missing.stream().mapToLong(RepositoryFile::size).sum();
    }

    /** Bytes of them in partial files. */
    long arrivedBytes() {
        return missing.stream().mapToLong(f -> PartFile.arrived(f, folder.destination(f))).sum();
    }

    FetchedModel report() {
        return new FetchedModel(
                plan.name(),
                locked.repository(),
                locked.revision(),
                locked.commit(),
                folder.path(),
                locked.files().size(),
                locked.bytes(),
                missing.size(),
                missingBytes() - arrivedBytes(),
                plan.export());
    }
}
