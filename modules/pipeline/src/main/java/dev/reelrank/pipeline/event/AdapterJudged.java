package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.stage.AdapterState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A comparison or a user says what a version of an adapter is good for.
 *
 * @param name of the adapter
 * @param version of it
 * @param state from now on
 * @param reason in a sentence
 * @param report of the comparison, null without one
 * @param by who says it, for people
 */
public record AdapterJudged(
        String name,
        long version,
        AdapterState state,
        String reason,
        @Nullable BlobRef report,
        String by,
        Instant at)
        implements Event {}
