package dev.reelrank.qwen.prompts;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/**
 * Makes an answer keep its mode's rules by fixed steps, without a model: brand names and talk about
 * the picture go away, a sentence said twice goes away, sentences are joined or left out, missing
 * tags are added, the length is cut at the last clause that fits or filled with neutral additions.
 *
 * <p>The same answer always gives the same text. Whether the result keeps every rule is for {@link
 * PromptRules} to say.
 */
public final class PromptRepair {
    private final Brands brands;

    PromptRepair(Brands brands) {
        this.brands = brands;
    }

    /** With the list of brand names that ships. */
    public static PromptRepair bundled() {
        return new PromptRepair(Brands.bundled());
    }

    /** The answer after every step that its mode asks for. */
    public String repair(PromptMode mode, String answer) {
        var text = mode.brandsForbidden() ? brands.remove(answer) : answer;
        text = closed(withoutPictureTalk(text));
        if (mode.sentences() == 1) {
            return oneSentence(mode, distinct(Words.sentences(text)));
        }
        if (!mode.openers().isEmpty()) {
            return phases(mode, distinct(Words.sentences(text)));
        }
        return prose(mode, text);
    }

    private static String withoutPictureTalk(String text) {
        var sentences = new ArrayList<String>();
        for (var sentence : Words.sentences(text)) {
            var rest = PromptRules.ABOUT_THE_PICTURE.matcher(sentence).replaceAll(" ");
            var tidy = rest.replaceAll("\\s+", " ").strip();
            if (Words.count(tidy) > 0) {
                sentences.add(tidy.equals(sentence) ? sentence : capital(tidy));
            }
        }
        return String.join(" ", sentences);
    }

    private static List<String> distinct(List<String> sentences) {
        var seen = new LinkedHashSet<String>();
        return sentences.stream().filter(s -> seen.add(s.toLowerCase(Locale.ROOT))).toList();
    }

    /** The first sentence, joined with the next ones while it is too short. */
    private static String oneSentence(PromptMode mode, List<String> sentences) {
        var text = new StringBuilder();
        for (var sentence : sentences) {
            if (text.length() == 0) {
                text.append(open(sentence));
            } else if (Words.count(text.toString()) < mode.words().min()) {
                text.append(", then ").append(small(open(sentence)));
            }
        }
        return fitted(text.toString(), mode.words(), mode.pads());
    }

    /**
     * As many sentences as there are openers; what is too many is left out, what lacks is split.
     */
    private static String phases(PromptMode mode, List<String> sentences) {
        var parts = new ArrayList<>(sentences);
        var wanted = mode.openers().size();
        while (parts.size() < wanted && splitLongest(parts)) {
            // splitLongest did the work
        }
        var result = new ArrayList<String>();
        var length = mode.wordsPerSentence() == null ? mode.words() : mode.wordsPerSentence();
        for (var i = 0; i < Math.min(wanted, parts.size()); i++) {
            var body = open(withoutOpener(mode, parts.get(i)));
            var opener = mode.openers().get(i);
            result.add(fitted(opener + " " + small(body), length, mode.pads()));
        }
        return String.join(" ", result);
    }

    private static boolean splitLongest(List<String> parts) {
        var longest = 0;
        for (var i = 1; i < parts.size(); i++) {
            longest = parts.get(i).length() > parts.get(longest).length() ? i : longest;
        }
        if (parts.isEmpty()) {
            return false;
        }
        var halves =
                parts.get(longest).split("(?:[,;] (?:and |then |and then )?| and then | then )", 2);
        if (halves.length < 2 || Words.count(halves[0]) < 3 || Words.count(halves[1]) < 3) {
            return false;
        }
        parts.set(longest, halves[0]);
        parts.add(longest + 1, halves[1]);
        return true;
    }

    private static String withoutOpener(PromptMode mode, String sentence) {
        for (var opener : mode.openers()) {
            var word = opener.replace(",", "");
            if (sentence.regionMatches(true, 0, word, 0, word.length())) {
                return sentence.substring(word.length()).replaceFirst("^[,:]?\\s*", "");
            }
        }
        return sentence;
    }

    /** Free prose with tags at its end: the body is cut or filled, the tags stay. */
    private static String prose(PromptMode mode, String text) {
        var firstTag =
                mode.tags().keySet().stream()
                        .mapToInt(label -> text.indexOf(label + ":"))
                        .filter(at -> at >= 0)
                        .min()
                        .orElse(text.length());
        var body = new ArrayList<>(distinct(Words.sentences(text.substring(0, firstTag))));
        var tags = tags(mode, text.substring(firstTag));
        var room = mode.words().max() - Words.count(tags);
        while (body.size() > 1 && Words.count(String.join(" ", body)) > room) {
            body.remove(body.size() - 1);
        }
        var missing = mode.words().min() - Words.count(tags);
        for (var pad : mode.pads()) {
            if (Words.count(String.join(" ", body)) < missing && !body.contains(pad)) {
                body.add(pad);
            }
        }
        var prose = String.join(" ", body);
        if (Words.count(prose) > room) {
            prose = cut(open(prose), room) + ".";
        }
        return tags.isEmpty() ? prose : prose + " " + tags;
    }

    private static String tags(PromptMode mode, String text) {
        var parts = new ArrayList<String>();
        for (var tag : mode.tags().entrySet()) {
            var value = tagValue(mode, text, tag.getKey());
            parts.add(tag.getKey() + ": " + (value.isEmpty() ? tag.getValue() : closed(value)));
        }
        return String.join(" ", parts);
    }

    private static String tagValue(PromptMode mode, String text, String label) {
        var at = text.indexOf(label + ":");
        if (at < 0) {
            return "";
        }
        var from = at + label.length() + 1;
        var to =
                mode.tags().keySet().stream()
                        .mapToInt(other -> text.indexOf(other + ":", from))
                        .filter(next -> next >= 0)
                        .min()
                        .orElse(text.length());
        return cut(open(text.substring(from, to).strip()), TAG_WORDS);
    }

    /** A tag longer than this is cut: it is a label, not a second description. */
    private static final int TAG_WORDS = 12;

    private static String fitted(String sentence, Range words, List<String> pads) {
        var text = sentence;
        for (var pad : pads) {
            if (Words.count(text) < words.min()) {
                text = text + " " + pad;
            }
        }
        return (Words.count(text) > words.max() ? cut(text, words.max()) : text) + ".";
    }

    /** At most this many words, cut at the last comma or conjunction in the second half if any. */
    private static String cut(String text, int max) {
        var tokens = text.split("\\s+");
        if (Words.count(text) <= max) {
            return text;
        }
        var end = 0;
        var kept = 0;
        while (end < tokens.length && kept + Words.count(tokens[end]) <= max) {
            kept += Words.count(tokens[end]);
            end++;
        }
        for (var i = end; i > end / 2 && i > 1; i--) {
            if (tokens[i - 1].endsWith(",") || tokens[i - 1].endsWith(";")) {
                return open(String.join(" ", List.of(tokens).subList(0, i)));
            }
        }
        while (end > 1 && DANGLING.contains(tokens[end - 1].toLowerCase(Locale.ROOT))) {
            end--;
        }
        return open(String.join(" ", List.of(tokens).subList(0, end)));
    }

    private static final List<String> DANGLING =
            List.of(
                    "a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "with", "from",
                    "into", "its", "his", "her", "their", "while", "as", "by", "for", "over",
                    "under", "that");

    /** Without closing marks. */
    private static String open(String sentence) {
        return sentence.strip().replaceFirst("[\\s.,;:!?。！？]+$", "");
    }

    private static String closed(String text) {
        var stripped = text.strip();
        if (stripped.isEmpty() || ".!?\"”".indexOf(stripped.charAt(stripped.length() - 1)) >= 0) {
            return stripped;
        }
        return open(stripped) + ".";
    }

    private static String small(String sentence) {
        var second = sentence.length() > 1 ? sentence.charAt(1) : 'x';
        // A second capital or an apostrophe marks an abbreviation or the word I.
        return sentence.isEmpty() || (!Character.isLowerCase(second) && second != ' ')
                ? sentence
                : sentence.startsWith("I ")
                        ? sentence
                        : Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
    }

    private static String capital(String sentence) {
        return sentence.isEmpty()
                ? sentence
                : Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
