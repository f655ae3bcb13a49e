package dev.reelrank.pipeline;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Bytes in the result store, by content.
 *
 * @param uri where to fetch them: {@code store:blobs/<sha256>} for the farm's store, or any {@code
 *     file:} URI
 * @param sha256 64 lower-case hex digits of the content; only this enters an input key, never the
 *     URI
 * @param size bytes, at least 0
 * @param mediaType for example {@code image/png}, {@code video/mp4}
 */
public record BlobRef(
        @NotInKey String uri, String sha256, @NotInKey long size, @NotInKey String mediaType) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public BlobRef {
        Objects.requireNonNull(uri, "uri is null");
        Objects.requireNonNull(mediaType, "mediaType is null");
        if (!SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in lower-case hex: '" + sha256 + "'");
        }
        if (size < 0) {
            throw new IllegalArgumentException("size is negative: " + size);
        }
    }
}
