package dev.reelrank.qwen.prompts;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Counting words and finding sentences, the same way for every rule. */
public final class Words {
    private static final Set<String> FUNCTION_WORDS =
            Set.of(
                    "about", "above", "across", "after", "again", "along", "also", "around", "away",
                    "back", "before", "behind", "being", "between", "camera", "clip", "could",
                    "does", "down", "during", "each", "every", "from", "further", "have", "here",
                    "image", "into", "just", "left", "like", "more", "most", "near", "once", "only",
                    "other", "over", "picture", "prompt", "right", "same", "scene", "shot", "shown",
                    "shows", "slowly", "some", "such", "than", "that", "their", "them", "then",
                    "there", "these", "they", "this", "those", "through", "toward", "towards",
                    "under", "until", "upon", "very", "video", "what", "when", "where", "which",
                    "while", "will", "with", "without", "would", "your");

    private Words() {}

    /**
     * The number of words: runs between white space that hold a letter or a digit; an ideograph or
     * a kana counts as one word by itself.
     */
    public static int count(String text) {
        var words = 0;
        for (var token : text.split("\\s+", -1)) {
            var ideographs = (int) token.codePoints().filter(Words::isWordByItself).count();
            var other =
                    token.codePoints()
                            .anyMatch(c -> Character.isLetterOrDigit(c) && !isWordByItself(c));
            words += ideographs + (other ? 1 : 0);
        }
        return words;
    }

    private static boolean isWordByItself(int codePoint) {
        return Character.isIdeographic(codePoint)
                || switch (Character.UnicodeScript.of(codePoint)) {
                    case HIRAGANA, KATAKANA -> true;
                    default -> false;
                };
    }

    /**
     * The sentences of a text, trimmed, each with its closing mark. A full stop ends a sentence
     * only before white space that is followed by something other than a lower-case letter.
     */
    static List<String> sentences(String text) {
        var sentences = new ArrayList<String>();
        var start = 0;
        for (var i = 0; i < text.length(); i++) {
            if (isEnd(text, i)) {
                add(sentences, text.substring(start, i + 1));
                start = i + 1;
            }
        }
        add(sentences, text.substring(start));
        return sentences;
    }

    private static boolean isEnd(String text, int i) {
        var c = text.charAt(i);
        if ("。！？".indexOf(c) >= 0) {
            return true;
        }
        if (".!?".indexOf(c) < 0) {
            return false;
        }
        var next = i + 1;
        while (next < text.length() && "\"”’')".indexOf(text.charAt(next)) >= 0) {
            next++;
        }
        if (next < text.length() && !Character.isWhitespace(text.charAt(next))) {
            return false;
        }
        while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
            next++;
        }
        return next >= text.length() || !Character.isLowerCase(text.charAt(next));
    }

    private static void add(List<String> sentences, String piece) {
        var trimmed = piece.strip();
        if (trimmed.codePoints().anyMatch(Character::isLetterOrDigit)) {
            sentences.add(trimmed);
        } else if (!trimmed.isEmpty() && !sentences.isEmpty()) {
            sentences.set(sentences.size() - 1, sentences.get(sentences.size() - 1) + trimmed);
        }
    }

    /**
     * The first five letters of every word of at least four letters that is no function word, lower
     * case: what two texts about the same thing share.
     */
    static Set<String> contentStems(String text) {
        var stems = new TreeSet<String>();
        for (var word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}]+", -1)) {
            if (word.length() >= 4 && !FUNCTION_WORDS.contains(word)) {
                stems.add(word.substring(0, Math.min(5, word.length())));
            }
        }
        return stems;
    }

    /** The share of letters outside the Latin script, 0..1; 0 for a text without letters. */
    static double foreignShare(String text) {
        var letters = text.codePoints().filter(Character::isLetter).count();
        var latin =
                text.codePoints()
                        .filter(Character::isLetter)
                        .filter(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.LATIN)
                        .count();
        return letters == 0 ? 0 : (letters - latin) / (double) letters;
    }
}
