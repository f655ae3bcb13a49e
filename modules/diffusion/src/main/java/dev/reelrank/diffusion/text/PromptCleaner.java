package dev.reelrank.diffusion.text;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cleans a prompt as the published pipelines do: text is repaired as by ftfy 6.3.1's {@code
 * fix_text}, HTML's references are resolved twice as by Python's {@code html.unescape}, and white
 * space is collapsed.
 */
public final class PromptCleaner {
    /** What Python calls white space. */
    private static final String SPACE =
            "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

    private static final Pattern SPACES = Pattern.compile(SPACE + "+");
    private static final Pattern REFERENCE = Pattern.compile("&#?[0-9A-Za-z]{1,24};");
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02bc\u2018-\u201b]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c-\u201f]");
    private static final Pattern LINE_BREAKS = Pattern.compile("\\r\\n|[\\r\\u2028\\u2029\\x85]");
    private static final Pattern TERMINAL_ESCAPES = Pattern.compile("\\x1b\\[[\\p{Nd};]*+[a-zA-Z]");
    private static final Pattern CONTROLS =
            Pattern.compile(
                    "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\u206a-\\u206f\\ufeff\\ufff9-\\ufffc]");
    private static final int LONGEST_SEGMENT = 1_000_000;
    private static final Map<String, String> NAMES = names();

    private PromptCleaner() {}

    /** The prompt as the text encoder of the published pipeline would see it. */
    public static String clean(String prompt) {
        String text = HtmlEntities.unescape(HtmlEntities.unescape(repaired(prompt)));
        return SPACES.matcher(stripped(text)).replaceAll(" ");
    }

    /** An expression for the end would look through each run of spaces from each of them. */
    private static String stripped(String text) {
        var spaces = SPACES.matcher(text);
        int from = spaces.lookingAt() ? spaces.end() : 0;
        int to = text.length();
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return SPACES.matcher(String.valueOf(c)).matches();
    }

    /**
     * Repairs each line on its own. Lines from the first with a "&lt;" on keep their references.
     */
    private static String repaired(String text) {
        var result = new StringBuilder();
        boolean references = true;
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from) + 1;
            if (end == 0) {
                end = text.length();
            }
            if (text.codePointCount(from, end) > LONGEST_SEGMENT) {
                end = text.offsetByCodePoints(from, LONGEST_SEGMENT);
            }
            String line = text.substring(from, end);
            references &= line.indexOf('<') < 0;
            result.append(repairedLine(line, references));
            from = end;
        }
        return result.toString();
    }

    private static String repairedLine(String line, boolean references) {
        String before = line;
        while (true) {
            String after = repairedOnce(references ? unescaped(before) : before);
            if (after.equals(before)) {
                return after;
            }
            before = after;
        }
    }

    private static String repairedOnce(String line) {
        String text = Mojibake.repaired(line);
        text = Mojibake.controlsReplaced(text);
        text = replaced(text);
        text = SINGLE_QUOTES.matcher(DOUBLE_QUOTES.matcher(text).replaceAll("\"")).replaceAll("'");
        text = LINE_BREAKS.matcher(text).replaceAll("\n");
        text = TERMINAL_ESCAPES.matcher(text).replaceAll("");
        text = CONTROLS.matcher(text).replaceAll("");
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /**
     * Takes ligatures apart, then gives forms of other widths their usual one; halves of pairs
     * become U+FFFD.
     */
    private static String replaced(String line) {
        var ligatures = new StringBuilder(line.length());
        line.codePoints()
                .mapToObj(Character::toString)
                .map(text -> Mojibake.ligatures().getOrDefault(text, text))
                .forEach(ligatures::append);
        var widths = new StringBuilder(ligatures.length());
        ligatures
                .codePoints()
                .forEach(
                        code -> {
                            if (code == 0x3000) {
                                widths.append(' ');
                            } else if (code >= 0xff01 && code <= 0xffef) {
                                widths.append(
                                        Normalizer.normalize(
                                                Character.toString(code), Normalizer.Form.NFKC));
                            } else {
                                boolean half =
                                        code >= Character.MIN_SURROGATE
                                                && code <= Character.MAX_SURROGATE;
                                widths.appendCodePoint(half ? 0xfffd : code);
                            }
                        });
        return widths.toString();
    }

    /**
     * References that end in a semicolon, also with a name in capitals where that is unambiguous.
     */
    private static String unescaped(String line) {
        return REFERENCE
                .matcher(line)
                .replaceAll(match -> Matcher.quoteReplacement(reference(match)));
    }

    private static String reference(MatchResult match) {
        String text = match.group();
        String known = NAMES.get(text);
        if (known != null) {
            return known;
        }
        String numbered = text.startsWith("&#") ? HtmlEntities.unescape(text) : text;
        return numbered.contains(";") ? text : numbered;
    }

    private static Map<String, String> names() {
        var names = new HashMap<String, String>();
        HtmlEntities.names()
                .forEach(
                        (name, characters) -> {
                            if (name.endsWith(";")) {
                                names.put("&" + name, characters);
                            }
                        });
        HtmlEntities.names()
                .forEach(
                        (name, characters) -> {
                            String capitals = "&" + name.toUpperCase(Locale.ROOT);
                            if (name.endsWith(";")
                                    && name.equals(name.toLowerCase(Locale.ROOT))
                                    && HtmlEntities.unescape(capitals).equals(capitals)) {
                                names.put(capitals, characters.toUpperCase(Locale.ROOT));
                            }
                        });
        return Map.copyOf(names);
    }
}
