package dev.reelrank.dqa;

import dev.reelrank.pipeline.Device;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;

/** The grading stage with the testbed's models. */
final class TestbedStage {
    static final Path MODELS = Path.of("../models/testbed");

    private TestbedStage() {}

    static GradeStage stage(Path cache) {
        return new GradeStage(ModelFolders.of(MODELS), new FileFingerprints(cache), Device.CPU);
    }
}
