package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.StageRequest;

/**
 * A request with its input key, fingerprint and stored result, before computing.
 *
 * @param <Q> the stage's request
 * @param fingerprint of the model files as they are now
 * @param inputKey under which its result is stored
 */
public record Prepared<Q extends StageRequest>(
        WorkRef work, Q request, LoadKey loadKey, Fingerprint fingerprint, String inputKey) {}
