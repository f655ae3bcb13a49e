package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete request to a stage: a worker needs no further look-ups. A record; its components
 * decide the input key.
 */
public interface StageRequest {
    StageName stage();

    /** The stage's resolved part of the configuration. */
    StageConfig config();

    /** Every blob that the stage reads to answer. */
    List<InputBlob> blobs();

    /** Why a result of this stage cannot belong to this request; null if it can. */
    default @Nullable String mismatch(StageResult result) {
        return null;
    }
}
