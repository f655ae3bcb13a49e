package dev.reelrank.flow.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The reference image of a JSON submission: its bytes, or where they are.
 *
 * @param bytes of a PNG, JPEG or WebP, null if it is named
 * @param named where it is, null if its bytes are there
 */
record JsonPicture(byte @Nullable [] bytes, @Nullable BlobRef named) {
    private static final List<String> FIELDS = List.of("base64", "uri", "sha256", "size");

    /** How many bytes a format is recognised by. */
    private static final int HEAD = 12;

    /**
     * Reads the field.
     *
     * @throws StageException INVALID_SAMPLE or UNREADABLE_IMAGE
     */
    static JsonPicture read(JsonNode image) {
        if (!image.isObject()) {
            throw JsonSubmission.invalid(
                    "'image' must be an object: {\"base64\": …}, or {\"uri\": …, \"sha256\": …, \"size\": …}");
        }
        JsonSubmission.only(image, "image.", FIELDS);
        if (image.has("base64") == image.has("uri")) {
            throw JsonSubmission.invalid("'image' must have either 'base64' or 'uri'");
        }
        return image.has("base64") ? inline(image) : named(image);
    }

    private static JsonPicture inline(JsonNode image) {
        byte[] bytes;
        try {
            // base64 of coreutils breaks its lines.
            bytes = Base64.getMimeDecoder().decode(JsonSubmission.text(image, "base64"));
        } catch (IllegalArgumentException e) {
            throw JsonSubmission.invalid("'image.base64' is not Base64: " + e.getMessage());
        }
        if (mediaType(bytes) == null) {
            throw new StageException(
                    FailureCode.UNREADABLE_IMAGE,
                    "'image.base64' holds no PNG, JPEG or WebP (%d bytes)".formatted(bytes.length));
        }
        return new JsonPicture(bytes, null);
    }

    private static JsonPicture named(JsonNode image) {
        String uri = JsonSubmission.text(image, "uri");
        if (!uri.startsWith("file:///")) {
            throw JsonSubmission.invalid(
                    "'image.uri' must begin with file:/// and lie in a folder that the workers take inputs from (--input-root)");
        }
        JsonNode size = image.path("size");
        if (!size.canConvertToLong() || size.asLong() < 1) {
            throw JsonSubmission.invalid("'image.size' must be the number of bytes of the file");
        }
        try {
            return new JsonPicture(
                    null,
                    new BlobRef(
                            uri,
                            JsonSubmission.text(image, "sha256").toLowerCase(Locale.ROOT),
                            size.asLong(),
                            byName(uri)));
        } catch (IllegalArgumentException e) {
            throw JsonSubmission.invalid("'image.sha256' is " + e.getMessage());
        }
    }

    private static String byName(String uri) {
        String name = uri.toLowerCase(Locale.ROOT);
        return name.endsWith(".png")
                ? "image/png"
                : name.endsWith(".webp") ? "image/webp" : "image/jpeg";
    }

    /** By the first bytes; whether the rest decodes, the prompt-worker finds. */
    private static @Nullable String mediaType(byte[] bytes) {
        if (bytes.length < HEAD) {
            return null;
        }
        var head = new StringBuilder();
        for (int i = 0; i < HEAD; i++) {
            head.append((char) (bytes[i] & 0xff));
        }
        if (head.indexOf("\u0089PNG\r\n") == 0) {
            return "image/png";
        }
        if (head.indexOf("\u00ff\u00d8\u00ff") == 0) {
            return "image/jpeg";
        }
        return head.indexOf("RIFF") == 0 && head.indexOf("WEBP") == 8 ? "image/webp" : null;
    }

    /**
     * Where workers find it.
     *
     * @param store null if there is none
     * @throws StageException INVALID_CONFIG without a store, STORE_UNAVAILABLE, OUT_OF_DISK
     */
    BlobRef put(@Nullable ImageStore store) {
        if (bytes == null) {
            return Objects.requireNonNull(named);
        }
        if (store == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "this flow has no result store to put 'image.base64' into: start it with --store, or name the image by its uri");
        }
        return store.open().putBlob(bytes, Objects.requireNonNull(mediaType(bytes)));
    }
}
