package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.stage.StageRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Work that will not be tried again by itself.
 *
 * @param work null when the bytes could not be decoded
 * @param attempts reports that counted towards giving up
 * @param processes that tried
 * @param request what was asked, null if unknown
 * @param payload the record's bytes when they could not be decoded
 * @param source topic, partition and offset of such a record
 */
public record DeadLetter(
        @Nullable WorkRef work,
        FailureCode code,
        String message,
        @Nullable String cause,
        int attempts,
        List<String> processes,
        @Nullable StageRequest request,
        byte @Nullable [] payload,
        @Nullable String source,
        Instant at)
        implements Event {
    public DeadLetter {
        processes = List.copyOf(processes);
    }

    /** Of work whose record could be read. */
    public static DeadLetter of(
            WorkRef work,
            FailureCode code,
            String message,
            @Nullable String cause,
            int attempts,
            List<String> processes,
            @Nullable StageRequest request,
            Instant at) {
        return new DeadLetter(
                work, code, message, cause, attempts, processes, request, null, null, at);
    }
}
