package dev.reelrank.diffusion.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Strict UTF-8, and its two well-known variants: characters past U+FFFF as two encoded surrogates
 * (CESU-8), and U+0000 in two bytes (Java). Bytes come as characters U+0000 to U+00FF.
 */
final class Utf8 {
    /** A line break that ends the text goes with the byte before it, as in ftfy's decoder. */
    private static final Pattern VARIANT =
            Pattern.compile(
                    "\u00c0(?:\u0080|\\n\\z)"
                            + "|\u00ed([\u00a0-\u00af])([\u0080-\u00bf])\u00ed([\u00b0-\u00bf])([\u0080-\u00bf])");

    private Utf8() {}

    /** The text, null if the bytes are something else. */
    static @Nullable String decoded(String bytes) {
        boolean variant = bytes.indexOf('\u00ed') >= 0 || bytes.indexOf('\u00c0') >= 0;
        if (!variant) {
            return strict(bytes);
        }
        var text = new StringBuilder();
        Matcher matcher = VARIANT.matcher(bytes);
        int from = 0;
        while (matcher.find()) {
            String before = strict(bytes.substring(from, matcher.start()));
            if (before == null) {
                return null;
            }
            text.append(before).append(character(matcher));
            from = matcher.end();
        }
        String rest = strict(bytes.substring(from));
        return rest == null ? null : text.append(rest).toString();
    }

    private static String character(Matcher matcher) {
        if (matcher.group(1) == null) {
            return "\0";
        }
        int high = (bits(matcher, 1, 0x0f) << 6) + bits(matcher, 2, 0x3f);
        int low = (bits(matcher, 3, 0x0f) << 6) + bits(matcher, 4, 0x3f);
        return Character.toString(0x10000 + (high << 10) + low);
    }

    private static int bits(Matcher matcher, int group, int mask) {
        return matcher.group(group).charAt(0) & mask;
    }

    private static @Nullable String strict(String bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            // Not UTF-8: the caller tries something else.
            return null;
        }
    }
}
