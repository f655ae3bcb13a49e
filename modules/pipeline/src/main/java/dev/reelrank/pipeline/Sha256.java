package dev.reelrank.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/** SHA-256 in lower-case hex. */
public final class Sha256 {
    private Sha256() {}

    public static String of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    /** Reads the file once, in pieces. */
    public static String of(Path file) throws IOException {
        var digest = digest();
        var buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Reads at most so many bytes of the file, and at most so long.
     *
     * @param size bytes that the file is said to have; one that has more is not read to its end
     * @throws IOException also when the time is over
     */
    public static String of(Path file, long size, Duration within) throws IOException {
        var digest = digest();
        var buffer = new byte[1 << 16];
        long left = size;
        long limit = System.nanoTime() + within.toNanos();
        try (InputStream in = Files.newInputStream(file)) {
            while (left >= 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left + 1));
                if (n < 0) {
                    break;
                }
                digest.update(buffer, 0, n);
                left -= n;
                if (System.nanoTime() > limit) {
                    throw new IOException(
                            "reading %s took longer than %d s".formatted(file, within.toSeconds()));
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
