package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.util.function.Supplier;

/**
 * What a worker's main builds its stage from.
 *
 * @param store the farm's store; it can be asked once the worker takes work, not before
 */
public record WorkerSetup(
        ModelFolders models,
        FileFingerprints fingerprints,
        Device device,
        Supplier<ResultStore> store) {}
