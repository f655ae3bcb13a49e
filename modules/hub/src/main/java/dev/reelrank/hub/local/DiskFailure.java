package dev.reelrank.hub.local;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/** Failures of the disk, in the user's words. */
final class DiskFailure {
    private DiskFailure() {}

    static RuntimeException of(Path file, IOException failure) {
        String message = String.valueOf(failure.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("quota")) {
            return new StageException(
                    FailureCode.OUT_OF_DISK,
                    "no space left for %s (%s). What has arrived is kept: make room, or name another folder with --models, and run the same command again"
                            .formatted(file, message),
                    failure);
        }
        var named =
                failure instanceof FileSystemException known && known.getFile() != null
                        ? known
                        : new FileSystemException(file.toString(), null, message);
        if (named != failure) {
            named.initCause(failure);
        }
        return new UncheckedIOException(named);
    }
}
