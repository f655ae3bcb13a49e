package dev.reelrank.video;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How long a Matroska or WebM file says it is (RFC 8794, RFC 9559): FFmpeg reads one that is cut
 * short to its last whole block and calls that the end.
 */
final class MatroskaLength {
    private static final long HEADER = 0x1A45DFA3L;
    private static final long SEGMENT = 0x18538067L;

    private MatroskaLength() {}

    /** Bytes of the whole file; empty where its writer did not know, or for another format. */
    static OptionalLong of(Path path) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            if (number(file, false) != HEADER) {
                return OptionalLong.empty();
            }
            long header = number(file, true);
            if (header < 0 || header > file.length()) {
                return OptionalLong.empty();
            }
            file.seek(file.getFilePointer() + header);
            if (number(file, false) != SEGMENT) {
                return OptionalLong.empty();
            }
            long segment = number(file, true);
            return segment < 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(file.getFilePointer() + segment);
        } catch (EOFException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * A number of variable length: the zeros before its first one tell how many bytes follow.
     *
     * @param size without the marker, which ids keep; −1 for the size that means unknown
     */
    private static long number(RandomAccessFile file, boolean size) throws IOException {
        int first = file.readUnsignedByte();
        int more = Integer.numberOfLeadingZeros(first) - 24;
        if (more > 7) {
            return size ? -1 : 0;
        }
        long value = size ? first & (0x7f >> more) : first;
        boolean ones = value == 0x7f >> more;
        for (int i = 0; i < more; i++) {
            int next = file.readUnsignedByte();
            ones &= next == 0xff;
            value = value << 8 | next;
        }
        return size && ones ? -1 : value;
    }
}
