package dev.reelrank.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The small text that stands in for a large file when a repository was cloned without Git LFS. It
 * lies where a model, an image or a video should be, under the right name.
 */
public final class GitLfsPointer {
    private static final byte[] BEGINNING =
            "version https://git-lfs.github.com/spec/v1".getBytes(StandardCharsets.US_ASCII);

    private GitLfsPointer() {}

    /** Whether a file that begins with these bytes is a pointer. */
    public static boolean beginsWith(byte[] bytes) {
        return bytes.length >= BEGINNING.length
                && Arrays.equals(bytes, 0, BEGINNING.length, BEGINNING, 0, BEGINNING.length);
    }

    /** Whether this file is a pointer; false if there is no such regular file. */
    public static boolean is(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (var in = Files.newInputStream(file)) {
            return beginsWith(in.readNBytes(BEGINNING.length));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** What to tell the user about a file that is a pointer. */
    public static String message(Path file) {
        return file
                + " is a Git LFS pointer, not the file itself: run 'git lfs pull' where it was cloned";
    }

    /**
     * For files of a model.
     *
     * @throws StageException MODEL_MISSING if the file is a pointer
     */
    public static void refuse(Path file) {
        if (is(file)) {
            throw new StageException(FailureCode.MODEL_MISSING, message(file));
        }
    }
}
