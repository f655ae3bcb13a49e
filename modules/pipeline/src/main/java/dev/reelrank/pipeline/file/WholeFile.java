package dev.reelrank.pipeline.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Writes files whole or not at all. The bytes go into a part, a file of another name in the same
 * folder; when all are there, the part is moved to the target's name in one step. Who reads the
 * target sees the old file or the new one, never half of one and never none in between. On failure
 * the part is removed, and the old file is as it was.
 *
 * <p>Missing folders are made. The file has the permissions that the process gives to new files
 * (Java's own temporary files are their owner's alone). A target that is a link is replaced, not
 * what it points to. A target that is a folder stays, even an empty one, and the call fails.
 */
public final class WholeFile {
    private WholeFile() {}

    /** What a file needs beyond being whole. */
    public enum Care {
        /**
         * The bytes are on the disk before the file has its name: after a power failure, too, it is
         * the old file or the new one.
         */
        ON_DISK,
        /**
         * Nobody else writes this target at the same time. The part is then {@code NAME.part}, so
         * what a killed process left is overwritten by the next one: for large files, and for those
         * that a lock guards. Without this, every part has a name of its own ({@code .UUID.part}),
         * any number of threads and processes may write one target, and the last one that finishes
         * holds.
         */
        ONE_WRITER
    }

    /** Makes the bytes of a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes everything.
         *
         * @param part where to; it does not exist yet, but its folder does
         * @throws IOException if the bytes cannot be made or written
         */
        void writeTo(Path part) throws IOException;
    }

    /**
     * Writes a file; an existing one is replaced.
     *
     * @param content is called once; what it throws other than an {@link IOException} is thrown on
     * @throws FileSystemException that names the target and has the cause; where the disk is at
     *     fault, it says what to do
     */
    public static void write(Path target, Content content, Care... care) throws IOException {
        Set<Care> needed = Set.of(care);
        Path file = target.toAbsolutePath();
        Path part = needed.contains(Care.ONE_WRITER) ? steady(file) : beside(file);
        boolean finished = false;
        try {
            makeFolder(file);
            if (needed.contains(Care.ONE_WRITER)) {
                Files.deleteIfExists(part);
            }
            content.writeTo(part);
            if (needed.contains(Care.ON_DISK)) {
                sync(part);
            }
            move(part, file);
            finished = true;
        } catch (IOException e) {
            throw failed(target, part, e);
        } finally {
            if (!finished) {
                remove(part);
            }
        }
    }

    /** Writes bytes as {@link #write(Path, Content, Care...)} does. */
    public static void write(Path target, byte[] bytes, Care... care) throws IOException {
        write(target, part -> Files.write(part, bytes), care);
    }

    /** Writes a text in UTF-8 as {@link #write(Path, Content, Care...)} does. */
    public static void write(Path target, String text, Care... care) throws IOException {
        write(target, text.getBytes(StandardCharsets.UTF_8), care);
    }

    /**
     * A name for a part of a file, for who writes it over a longer time than one call: hidden, in
     * the same folder, and like no other. {@link #move} ends it.
     */
    public static Path beside(Path target) {
        return target.resolveSibling("." + UUID.randomUUID() + ".part");
    }

    /**
     * The last step alone, for a part that the caller wrote: gives it the target's name, in one
     * step. An existing file is replaced.
     *
     * @param part a whole file on the target's file system; or a folder, if the target is absent or
     *     an empty folder
     * @throws IOException both are as they were
     */
    public static void move(Path part, Path target) throws IOException {
        // REPLACE_EXISTING alone deletes the target first: for a moment there is none.
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path steady(Path target) {
        return target.resolveSibling(target.getFileName() + ".part");
    }

    private static void makeFolder(Path file) throws IOException {
        Path folder = Objects.requireNonNull(file.getParent(), "a file in no folder");
        // createDirectories refuses a link to a folder.
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
    }

    private static void sync(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void remove(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            // What kept the file from being written is thrown, and is likely the reason for this.
        }
    }

    private static FileSystemException failed(Path target, Path part, IOException e) {
        // An interrupt, for example, closes the file without a message.
        String why = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        if (e instanceof FileSystemException known) {
            why = Objects.requireNonNullElse(known.getReason(), e.getClass().getSimpleName());
            String file = known.getFile();
            if (file != null && !file.equals(part.toString())) {
                why = file + ": " + why;
            }
        }
        var named = new FileSystemException(target.toString(), null, why + remedy(target, e, why));
        named.initCause(e);
        return named;
    }

    /** What to do about a disk; nothing about content that could not be made. */
    private static String remedy(Path target, IOException e, String why) {
        if (Files.isDirectory(target)) {
            return "; a folder is in the way: remove it or choose another name";
        }
        if (e instanceof FileAlreadyExistsException || why.endsWith("Not a directory")) {
            return "; a file is in the way of the folder: remove it or choose another place";
        }
        if (e instanceof AccessDeniedException || why.contains("Read-only file system")) {
            return "; make the folder writable or choose another one";
        }
        if (why.contains("No space left") || why.contains("quota")) {
            return "; free some space or choose another folder";
        }
        return "";
    }
}
