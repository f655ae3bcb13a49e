package dev.reelrank.worker.store;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Maps I/O errors of a folder to failure codes. The JDK identifies a full disk only by the text of
 * the error.
 */
final class LocalFailures {
    private LocalFailures() {}

    static StageException of(Path root, String what, IOException e) {
        var text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("quota exceeded")) {
            return new StageException(
                    FailureCode.OUT_OF_DISK,
                    "store " + root + " is full: could not " + what + ": free some room there",
                    e);
        }
        return new StageException(
                FailureCode.STORE_UNAVAILABLE,
                "store "
                        + root
                        + " is unreachable: could not "
                        + what
                        + ": "
                        + e
                        + "; is it mounted, and can this user write to it?",
                e);
    }
}
