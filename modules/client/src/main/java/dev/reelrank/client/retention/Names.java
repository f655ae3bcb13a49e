package dev.reelrank.client.retention;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Which of some blobs and results occur in bytes. Their names are 64 lower-case hex digits, and
 * every event writes them as text. Looking for digits instead of decoding finds what an event of a
 * newer build names, and what a record names that is added tomorrow. Digits that mean something
 * else keep nothing that anybody misses.
 */
final class Names {
    private static final int LENGTH = 64;

    private final Set<String> wanted;
    private final Set<String> found = new HashSet<>();

    /**
     * @param wanted the names to look for; others are not remembered, however many a client sends
     */
    Names(Collection<String> wanted) {
        this.wanted = new HashSet<>(wanted);
    }

    /** Takes every name that occurs in these bytes. */
    void addAllIn(byte[] bytes) {
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i < bytes.length && isDigit(bytes[i])) {
                continue;
            }
            // More digits may follow: the first byte of the next field. None come before: there is
            // the name's length, or a slash.
            if (i - start >= LENGTH) {
                String name = new String(bytes, start, LENGTH, StandardCharsets.US_ASCII);
                if (wanted.contains(name)) {
                    found.add(name);
                }
            }
            start = i + 1;
        }
    }

    private static boolean isDigit(byte b) {
        return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f');
    }

    /** Whether this name occurred. */
    boolean contains(String name) {
        return found.contains(name);
    }
}
