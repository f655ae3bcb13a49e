package dev.reelrank.ranking;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** A sentence as lower-case words, with punctuation kept as words of its own. */
final class SentenceWords {
    private static final Pattern TOKEN =
            Pattern.compile("[\\p{L}\\p{N}]+(?:['’-][\\p{L}\\p{N}]+)*+|[^\\s\\p{L}\\p{N}]");

    static final Set<String> DETERMINERS =
            Set.of(
                    "a", "an", "the", "one", "this", "that", "these", "those", "his", "her", "its",
                    "their", "my", "your", "our", "some", "two", "three", "four", "several", "many",
                    "another", "each", "every", "both");
    static final Set<String> PREPOSITIONS =
            Set.of(
                    "of",
                    "on",
                    "in",
                    "at",
                    "with",
                    "over",
                    "against",
                    "under",
                    "near",
                    "beside",
                    "behind",
                    "before",
                    "above",
                    "below",
                    "from",
                    "to",
                    "into",
                    "onto",
                    "by",
                    "for",
                    "through",
                    "around",
                    "across",
                    "between",
                    "inside",
                    "outside",
                    "as",
                    "along",
                    "toward",
                    "towards",
                    "showing",
                    "featuring",
                    "partly",
                    "next",
                    "atop",
                    "upon",
                    "within",
                    "without",
                    "while",
                    "and",
                    "or",
                    "but",
                    "that",
                    "which",
                    "who",
                    "whose",
                    "then",
                    "is",
                    "are",
                    "was",
                    "were",
                    "be",
                    "has",
                    "have",
                    "can",
                    "will",
                    "it",
                    "he",
                    "she",
                    "they",
                    "we",
                    "i",
                    "you",
                    "not");

    /** SentenceWords for the picture itself; what they show comes after them. */
    static final Set<String> PICTURES =
            Set.of(
                    "video",
                    "clip",
                    "photo",
                    "photograph",
                    "picture",
                    "image",
                    "shot",
                    "scene",
                    "footage",
                    "close-up",
                    "closeup",
                    "view",
                    "render",
                    "rendering",
                    "film",
                    "animation",
                    "macro",
                    "pair",
                    "piece",
                    "set",
                    "group",
                    "slice");

    private SentenceWords() {}

    static List<String> of(String text) {
        var words = new ArrayList<String>();
        var matcher = TOKEN.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    static boolean isPunctuation(String word) {
        return !Character.isLetterOrDigit(word.codePointAt(0));
    }

    /** Whether no noun phrase reaches over this word. */
    static boolean ends(String word) {
        return isPunctuation(word) || DETERMINERS.contains(word) || PREPOSITIONS.contains(word);
    }
}
