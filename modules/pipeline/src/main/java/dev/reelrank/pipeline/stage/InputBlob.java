package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A blob that a request was made from.
 *
 * @param madeBy the work that made it, null if it came with the submission or from elsewhere
 */
public record InputBlob(BlobRef blob, @Nullable String madeBy) {
    /** One that no work of the sample made. */
    public static InputBlob given(BlobRef blob) {
        return new InputBlob(blob, null);
    }

    /** A candidate's video. */
    public static InputBlob of(CandidateVideo video) {
        return new InputBlob(video.video(), video.workId());
    }

    /** None where there is none. */
    public static List<InputBlob> optional(@Nullable BlobRef blob) {
        return blob == null ? List.of() : List.of(given(blob));
    }
}
