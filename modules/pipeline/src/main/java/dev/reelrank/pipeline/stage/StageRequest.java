package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete question to a stage: whoever holds it needs to look nothing up. A record; its
 * components decide the input key.
 */
public interface StageRequest {
    StageName stage();

    /** The stage's resolved part of the configuration. */
    StageConfig config();

    /** Every blob that the stage reads to answer. */
    List<InputBlob> blobs();

    /**
     * What makes a result no answer to this very request, though it is one of this stage; null if
     * nothing does.
     */
    default @Nullable String mismatch(StageResult result) {
        return null;
    }
}
