package dev.reelrank.diffusion.text;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Undoes decoding with the wrong encoding ("mojibake"), as ftfy 6.3.1 does.
 *
 * <p>Only text with an unlikely sequence of characters is touched. It is encoded with each
 * single-byte encoding that could have produced it; the first whose bytes are UTF-8 wins. Where no
 * encoding explains the whole text, the parts that look like UTF-8 are repaired on their own. This
 * goes on until nothing changes, which also undoes damage that was done twice.
 */
final class Mojibake {
    private static final Tables TABLES =
            Resource.read("text-repair.json", new TypeReference<>() {});
    private static final Pattern UNLIKELY = Pattern.compile(TABLES.unlikely);
    private static final Pattern DAMAGE = Pattern.compile(TABLES.damage);
    private static final Pattern NOT_BEFORE_DAMAGE = Pattern.compile(TABLES.notBeforeDamage);
    private static final Pattern SPACE_FOR_BYTE_A0 = Pattern.compile(TABLES.spaceForByteA0);
    private static final Pattern A_GRAVE_AS_WORD = Pattern.compile(TABLES.aGraveAsWord);
    private static final Pattern LOST_BYTES = Pattern.compile(TABLES.lostBytes);
    private static final Pattern C1_CONTROL = Pattern.compile("[\\x80-\\x9f]");
    private static final String REPLACEMENT_IN_UTF8 = "\u00ef\u00bf\u00bd";
    private static final SingleByteEncoding LATIN_1 = encoding("latin-1");
    private static final SingleByteEncoding WINDOWS_1252 = encoding("sloppy-windows-1252");

    private Mojibake() {}

    /**
     * What make_tables.py wrote.
     *
     * @param unlikely sequences of characters that hardly anybody means
     * @param damage one character's UTF-8 bytes, read in some single-byte encoding
     * @param notBeforeDamage what may not stand before {@code damage}
     * @param spaceForByteA0 bytes that would be UTF-8, were a space the byte A0
     * @param aGraveAsWord the bytes of a lone "à" whose A0 became a space
     * @param lostBytes UTF-8 of which a byte was lost
     */
    private record Tables(
            String source,
            List<SingleByteEncoding> encodings,
            Map<String, String> ligatures,
            String unlikely,
            String notBeforeDamage,
            String damage,
            String spaceForByteA0,
            String aGraveAsWord,
            String lostBytes) {}

    private static SingleByteEncoding encoding(String name) {
        return TABLES.encodings.stream()
                .filter(encoding -> encoding.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Latin letters written as one character, and the letters that they stand for. */
    static Map<String, String> ligatures() {
        return TABLES.ligatures;
    }

    static String repaired(String text) {
        String before = text;
        while (true) {
            String after = repairedOnce(before);
            if (after.equals(before)) {
                return after;
            }
            before = after;
        }
    }

    private static String repairedOnce(String text) {
        if (!isUnlikely(text)) {
            return text;
        }
        for (var encoding : TABLES.encodings) {
            String decoded = encoding.holds(text) ? decodedAgain(text, encoding) : null;
            if (decoded != null) {
                return decoded;
            }
        }
        String parts = partsRepaired(text);
        if (!parts.equals(text)) {
            return parts;
        }
        if (LATIN_1.holds(text)) {
            String windows = windows(text);
            if (windows != null && !windows.equals(text)) {
                return windows;
            }
        }
        return controlsReplaced(text);
    }

    private static boolean isUnlikely(String text) {
        return text.chars().anyMatch(character -> character > 0x7f)
                && UNLIKELY.matcher(text).find();
    }

    private static @Nullable String decodedAgain(String text, SingleByteEncoding encoding) {
        String bytes = encoding.bytes(text);
        // In MacRoman the sequence would be a dash and a space.
        if (!encoding.name().equals("macroman")) {
            bytes = bytesA0Restored(bytes);
        }
        if (encoding.sloppy()) {
            bytes = LOST_BYTES.matcher(bytes).replaceAll(REPLACEMENT_IN_UTF8);
        }
        return Utf8.decoded(bytes);
    }

    private static String bytesA0Restored(String bytes) {
        if (!SPACE_FOR_BYTE_A0.matcher(bytes).find()) {
            return bytes;
        }
        String words = A_GRAVE_AS_WORD.matcher(bytes).replaceAll("\u00c3\u00a0 ");
        return SPACE_FOR_BYTE_A0
                .matcher(words)
                .replaceAll(match -> match.group().replace(' ', '\u00a0'));
    }

    /** Repairs the parts of a text that look like damage on their own. */
    private static String partsRepaired(String text) {
        var result = new StringBuilder();
        Matcher damage = DAMAGE.matcher(text).useTransparentBounds(true);
        int at = 0;
        while (at < text.length()) {
            int end = endOfDamage(text, damage, at);
            int next = end > at ? end : at + Character.charCount(text.codePointAt(at));
            String part = text.substring(at, next);
            boolean smaller = end > at && part.length() < text.length();
            result.append(smaller && isUnlikely(part) ? repaired(part) : part);
            at = next;
        }
        return result.toString();
    }

    /** Where the damage that begins here ends; here if there is none. */
    private static int endOfDamage(String text, Matcher damage, int from) {
        if (from > 0 && NOT_BEFORE_DAMAGE.matcher(text.substring(from - 1, from)).matches()) {
            return from;
        }
        int end = from;
        while (damage.region(end, text.length()).lookingAt()) {
            end = damage.end();
        }
        return end;
    }

    /** Latin-1 that was meant as Windows-1252, null if it uses bytes that Windows-1252 lacks. */
    private static @Nullable String windows(String text) {
        var result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char windows = WINDOWS_1252.characters().charAt(text.charAt(i));
            if (C1_CONTROL.matcher(String.valueOf(windows)).matches()) {
                return null;
            }
            result.append(text.charAt(i) == 0x1a ? text.charAt(i) : windows);
        }
        return result.toString();
    }

    /** Gives control characters of the second block the meaning that they have in Windows-1252. */
    static String controlsReplaced(String text) {
        return C1_CONTROL
                .matcher(text)
                .replaceAll(
                        match ->
                                Matcher.quoteReplacement(
                                        WINDOWS_1252
                                                .characters()
                                                .substring(
                                                        match.group().charAt(0),
                                                        match.group().charAt(0) + 1)));
    }
}
