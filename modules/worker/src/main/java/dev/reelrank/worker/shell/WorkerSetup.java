package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.Device;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;

/** What a worker's main builds its stage from. */
public record WorkerSetup(ModelFolders models, FileFingerprints fingerprints, Device device) {}
