package dev.reelrank.diffusion.text;

import com.fasterxml.jackson.core.type.TypeReference;
import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * HTML's character references, resolved as Python's {@code html.unescape} does: the names of the
 * HTML standard, the longest known beginning of an unknown one, and the standard's table for
 * numbers of the Windows range. Unlike the standard, Python drops references to control characters
 * and noncharacters.
 */
final class HtmlEntities {
    private static final Pattern REFERENCE =
            Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");
    private static final Map<String, String> NAMES =
            Resource.read("html-entities.json", new TypeReference<>() {});

    /** What browsers read for the numbers 128 to 159, by the HTML standard. */
    private static final String WINDOWS =
            "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f"
                    + "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    private static final int REPLACEMENT = 0xfffd;

    private HtmlEntities() {}

    /** The characters of each name, with its semicolon where the standard asks for one. */
    static Map<String, String> names() {
        return NAMES;
    }

    /** Resolves every reference once. */
    static String unescape(String text) {
        return text.indexOf('&') < 0
                ? text
                : REFERENCE
                        .matcher(text)
                        .replaceAll(
                                match ->
                                        java.util.regex.Matcher.quoteReplacement(
                                                one(match.group(1))));
    }

    private static String one(String reference) {
        if (reference.startsWith("#")) {
            return numbered(reference.substring(1));
        }
        String known = NAMES.get(reference);
        if (known != null) {
            return known;
        }
        for (int end = reference.length() - 1; end > 1; end--) {
            known = NAMES.get(reference.substring(0, end));
            if (known != null) {
                return known + reference.substring(end);
            }
        }
        return "&" + reference;
    }

    private static String numbered(String reference) {
        String digits =
                reference.endsWith(";")
                        ? reference.substring(0, reference.length() - 1)
                        : reference;
        boolean hexadecimal = digits.startsWith("x") || digits.startsWith("X");
        BigInteger number =
                hexadecimal ? new BigInteger(digits.substring(1), 16) : new BigInteger(digits);
        // Anything past Unicode's end is one case, however many digits it has.
        int code = number.bitLength() > 24 ? Integer.MAX_VALUE : number.intValue();
        if (code == 0 || code > Character.MAX_CODE_POINT || isSurrogate(code)) {
            return Character.toString(REPLACEMENT);
        }
        if (code >= 0x80 && code <= 0x9f) {
            return WINDOWS.substring(code - 0x80, code - 0x7f);
        }
        return isDropped(code) ? "" : Character.toString(code);
    }

    private static boolean isSurrogate(int code) {
        return code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
    }

    private static boolean isDropped(int code) {
        boolean control =
                code < 0x20 && !(code == '\t' || code == '\n' || code == '\f' || code == '\r');
        boolean noncharacter = (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
        return control || code == 0x7f || noncharacter;
    }
}
