package dev.reelrank.console.web;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a file that a request asks for (RFC 9110, section 14). A header with several parts,
 * or one that is no range, counts as none: the whole file is then sent, as the RFC allows.
 *
 * @param first of its bytes, from 0
 * @param last of its bytes, at least {@code first}
 */
record ByteRange(long first, long last) {
    private static final Pattern BYTES = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /**
     * @param size of the file
     * @throws Problem 416 if the part begins behind the end
     */
    static Optional<ByteRange> of(@Nullable String header, long size) {
        var match = header == null ? null : BYTES.matcher(header);
        if (match == null
                || !match.matches()
                || (match.group(1).isEmpty() && match.group(2).isEmpty())) {
            return Optional.empty();
        }
        if (match.group(1).isEmpty()) {
            long wanted = Math.min(size, Long.parseLong(match.group(2)));
            return inside(size - wanted, size - 1, size);
        }
        long first = Long.parseLong(match.group(1));
        long last = match.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(match.group(2));
        return last < first ? Optional.empty() : inside(first, Math.min(last, size - 1), size);
    }

    private static Optional<ByteRange> inside(long first, long last, long size) {
        if (first >= size) {
            throw new Problem(416, "no_such_range", "the file has %d bytes".formatted(size));
        }
        return Optional.of(new ByteRange(first, last));
    }

    long length() {
        return last - first + 1;
    }
}
