package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The one way to say that a video cannot be read. */
final class UnreadableVideo {
    private UnreadableVideo() {}

    static StageException because(Path file, String why) {
        return because(file, why, null);
    }

    static StageException because(Path file, String why, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.UNREADABLE_VIDEO,
                "cannot read the video %s: %s; make or copy it again".formatted(file, why),
                cause);
    }
}
