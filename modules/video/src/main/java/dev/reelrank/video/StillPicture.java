package dev.reelrank.video;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Pictures by the first bytes of their files: FFmpeg would read each as a video of one frame. */
enum StillPicture {
    PNG("\u0089PNG\r\n\u001a\n"),
    JPEG("\u00ff\u00d8\u00ff"),
    GIF("GIF8"),
    BMP("BM"),
    TIFF("II*\0"),
    TIFF_BIG_ENDIAN("MM\0*"),
    WEBP("RIFF....WEBP");

    /** Bytes of a file that {@link #of} wants to see. */
    static final int HEAD = 12;

    private final String magic;

    StillPicture(String magic) {
        this.magic = magic;
    }

    static Optional<StillPicture> of(byte[] head) {
        var text = new String(head, StandardCharsets.ISO_8859_1);
        for (var kind : values()) {
            if (kind.begins(text)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    private boolean begins(String text) {
        if (text.length() < magic.length()) {
            return false;
        }
        for (int i = 0; i < magic.length(); i++) {
            if (magic.charAt(i) != '.' && magic.charAt(i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    String label() {
        return this == TIFF_BIG_ENDIAN ? TIFF.name() : this == WEBP ? "WebP" : name();
    }
}
