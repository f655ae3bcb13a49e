package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.stage.StageRequest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Work that will not be tried again by itself.
 *
 * @param work null when the bytes could not be decoded
 * @param attempts reports that counted towards giving up
 * @param processes that tried
 * @param request what was asked, null if unknown
 * @param payload the record's bytes when they could not be decoded; of more than 1 MiB the first 64
 *     KiB, so that the letter itself can be written
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
    private static final int WHOLE = 1 << 20;
    private static final int BEGINNING = 1 << 16;

    public DeadLetter {
        processes = List.copyOf(processes);
        if (payload != null && payload.length > WHOLE) {
            payload = Arrays.copyOf(payload, BEGINNING);
        }
    }

    /** Of work whose record could be read. */
    @SuppressWarnings("NullAway") // It does not see that a record's array may be null.
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
