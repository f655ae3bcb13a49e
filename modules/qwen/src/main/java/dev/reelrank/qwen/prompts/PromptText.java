package dev.reelrank.qwen.prompts;

import java.util.Collection;
import java.util.Comparator;
import java.util.regex.Pattern;

/** Cleaning of what goes into the model and of what comes out. */
public final class PromptText {
    private static final Pattern CONTROL =
            Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}]");
    private static final Pattern WHITE = Pattern.compile("[\\s\\p{Zs}]+");
    private static final Pattern LABEL =
            Pattern.compile(
                    "^(?:(?:sure|certainly|okay|of course)[,!.:]?\\s+)?"
                            + "(?:here(?:'s| is| are)\\b[^:.]{0,60}:|"
                            + "(?:rewritten |new |final |video |enriched |simplified )*"
                            + "(?:prompt|answer|output|sentence)\\s*:)\\s*",
                    Pattern.CASE_INSENSITIVE);

    private PromptText() {}

    /**
     * A user's prompt as the model sees it: control and format characters and line breaks become
     * spaces, runs of white space one space, the ends are trimmed, and a special token written out
     * in it gets a space after its first character, so that no prompt can close its own turn.
     *
     * @param specialTokens the texts of the vocabulary's added tokens
     */
    public static String normalise(String prompt, Collection<String> specialTokens) {
        var text = plain(prompt);
        var longestFirst =
                specialTokens.stream()
                        .filter(t -> t.length() > 1)
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList();
        for (var token : longestFirst) {
            text = text.replace(token, token.charAt(0) + " " + token.substring(1));
        }
        return text;
    }

    /** Control characters and line breaks as spaces, one space between words, trimmed. */
    public static String plain(String text) {
        return WHITE.matcher(CONTROL.matcher(text).replaceAll(" ")).replaceAll(" ").strip();
    }

    /**
     * A model's answer as one line of prose: without a reasoning block, code fences, list and
     * emphasis marks, an announcing label ("Here is the prompt:") or quotation marks around the
     * whole.
     */
    static String clean(String answer) {
        var text = answer.replaceAll("(?s)<think>.*?</think>", " ").replace("```", " ");
        text = text.replaceAll("(?m)^\\s*(?:[#>*-]+|\\d+[.)])\\s+", " ").replace("**", "");
        text = LABEL.matcher(plain(text)).replaceFirst("");
        while (text.length() > 1 && isQuoted(text)) {
            text = text.substring(1, text.length() - 1).strip();
        }
        return text;
    }

    private static boolean isQuoted(String text) {
        var first = text.charAt(0);
        var last = text.charAt(text.length() - 1);
        var inside = text.substring(1, text.length() - 1);
        return switch (first) {
            case '"' -> last == '"' && inside.indexOf('"') < 0;
            case '“' -> last == '”' && inside.indexOf('“') < 0;
            case '\'' -> last == '\'' && inside.indexOf('\'') < 0;
            default -> false;
        };
    }
}
