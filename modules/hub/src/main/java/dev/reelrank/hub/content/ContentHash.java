package dev.reelrank.hub.content;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The hash that a hub publishes for a file: SHA-256 for large files, and for small ones the id that
 * Git gives a blob.
 *
 * @param kind how it is computed
 * @param hex in lower case
 */
public record ContentHash(Kind kind, String hex) {
    /** How a hash is computed. */
    public enum Kind {
        SHA256("sha256", "SHA-256", 64),
        /** SHA-1 over {@code blob <length>}, a zero byte and the content. */
        GIT_BLOB("git", "SHA-1", 40);

        private final String prefix;
        private final String algorithm;
        private final int digits;

        Kind(String prefix, String algorithm, int digits) {
            this.prefix = prefix;
            this.algorithm = algorithm;
            this.digits = digits;
        }
    }

    public ContentHash {
        if (!hex.matches("[0-9a-f]{" + kind.digits + "}")) {
            throw new IllegalArgumentException(
                    "'%s' is no %s in %d hex digits".formatted(hex, kind.algorithm, kind.digits));
        }
    }

    /** Reads {@link #text()}. */
    public static ContentHash parse(String text) {
        String[] parts = text.split(":", 2);
        return Arrays.stream(Kind.values())
                .filter(kind -> parts.length == 2 && kind.prefix.equals(parts[0]))
                .findFirst()
                .map(kind -> new ContentHash(kind, parts[1]))
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'" + text + "' is no sha256:HEX and no git:HEX"));
    }

    /** {@code sha256:HEX} or {@code git:HEX}. */
    public String text() {
        return kind.prefix + ":" + hex;
    }

    /**
     * A digest that waits for the content.
     *
     * @param size bytes of the content
     */
    public MessageDigest digest(long size) {
        try {
            var digest = MessageDigest.getInstance(kind.algorithm);
            if (kind == Kind.GIT_BLOB) {
                digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + kind.algorithm, e);
        }
    }

    /** Whether a digest that has seen all content gives this hash. The digest is reset. */
    public boolean is(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest()).equals(hex);
    }

    /** Whether the file has this content. Reads all of it. */
    public boolean isOf(Path file) throws IOException {
        var digest = digest(Files.size(file));
        var buffer = new byte[1 << 18];
        try (var in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return is(digest);
    }
}
