package dev.reelrank.qwen.prompts;

import dev.reelrank.qwen.prompts.Violation.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Checks an answer against its mode. A pure function of strings. */
public final class PromptRules {
    /** More letters than this share outside the Latin script are no English. */
    private static final double FOREIGN_LIMIT = 0.1;

    /** A prompt that names fewer things than this says too little to compare with. */
    private static final int STEMS_TO_COMPARE = 3;

    static final Pattern ABOUT_THE_PICTURE =
            Pattern.compile(
                    "\\b(?:the|this|an?) (?:image|picture|photo|photograph|video|clip|prompt) "
                            + "(?:shows|depicts|features|captures|displays|is of|asks|says)(?: that)?\\b",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern REFUSAL =
            Pattern.compile(
                    "^(?:(?:i'?m|i am) (?:very |so )?sorry|sorry\\b|i (?:can(?:'|no)?t|cannot|won't|will"
                            + " not|am unable|'m unable|'m not able|am not able|do not|don't)\\b|as an (?:ai|"
                            + "assistant|language model)|unfortunately, i\\b|unable to\\b)",
                    Pattern.CASE_INSENSITIVE);

    private final Brands brands;

    PromptRules(Brands brands) {
        this.brands = brands;
    }

    /** With the list of brand names that ships. */
    public static PromptRules bundled() {
        return new PromptRules(Brands.bundled());
    }

    /**
     * Every rule of the mode that the answer breaks, gravest first; empty when it keeps all.
     *
     * @param answer a cleaned answer
     * @param original the user's prompt, to see whether the answer speaks of the same thing
     */
    public List<Violation> check(PromptMode mode, String answer, String original) {
        if (Words.count(answer) == 0) {
            return List.of(new Violation(Rule.EMPTY, "the answer is empty"));
        }
        if (REFUSAL.matcher(answer.replace('’', '\'')).find()) {
            return List.of(new Violation(Rule.REFUSAL, "the answer refuses instead of rewriting"));
        }
        if (Words.foreignShare(answer) > FOREIGN_LIMIT) {
            return List.of(new Violation(Rule.FOREIGN_SCRIPT, "the answer is not in English"));
        }
        var found = new ArrayList<Violation>();
        checkContent(mode, answer, original, found);
        checkSentences(mode, answer, found);
        checkTags(mode, answer, found);
        checkLength(mode, answer, found);
        return List.copyOf(found);
    }

    private void checkContent(
            PromptMode mode, String answer, String original, List<Violation> found) {
        var asked = Words.contentStems(original);
        if (asked.size() >= STEMS_TO_COMPARE) {
            asked.retainAll(Words.contentStems(answer));
            if (asked.isEmpty()) {
                found.add(
                        new Violation(
                                Rule.UNRELATED, "it speaks of nothing that the prompt names"));
            }
        }
        if (ABOUT_THE_PICTURE.matcher(answer).find()) {
            found.add(
                    new Violation(
                            Rule.ABOUT_THE_PICTURE,
                            "it talks about the picture instead of what is in it"));
        }
        if (mode.brandsForbidden()) {
            brands.find(answer)
                    .ifPresent(
                            name ->
                                    found.add(
                                            new Violation(
                                                    Rule.BRAND, "it has the brand name " + name)));
        }
    }

    private static void checkSentences(PromptMode mode, String answer, List<Violation> found) {
        var sentences = Words.sentences(answer);
        if (!".!?。！？\"”".contains(answer.substring(answer.length() - 1))) {
            found.add(new Violation(Rule.CUT_OFF, "it does not end with a full stop"));
        }
        var seen = new HashSet<String>();
        if (!sentences.stream().allMatch(s -> seen.add(s.toLowerCase(Locale.ROOT)))) {
            found.add(new Violation(Rule.REPEATED, "it says a sentence twice"));
        }
        if (mode.sentences() > 0 && sentences.size() != mode.sentences()) {
            var asked = mode.sentences() == 1 ? "one is" : mode.sentences() + " are";
            found.add(
                    new Violation(
                            Rule.SENTENCES,
                            "it has %d sentences, %s asked".formatted(sentences.size(), asked)));
            return;
        }
        for (var i = 0; i < mode.openers().size(); i++) {
            if (!sentences.get(i).startsWith(mode.openers().get(i))) {
                found.add(
                        new Violation(
                                Rule.OPENER,
                                "sentence %d does not begin with \"%s\""
                                        .formatted(i + 1, mode.openers().get(i))));
            }
        }
        var length = mode.wordsPerSentence();
        for (var sentence : sentences) {
            if (length != null && !length.contains(Words.count(sentence))) {
                found.add(
                        new Violation(
                                Rule.SENTENCE_LENGTH,
                                "a sentence has %d words, %s are asked"
                                        .formatted(Words.count(sentence), length)));
                return;
            }
        }
    }

    private static void checkTags(PromptMode mode, String answer, List<Violation> found) {
        var from = 0;
        for (var label : mode.tags().keySet()) {
            var at = answer.indexOf(label + ":", from);
            var value = at < 0 ? "" : answer.substring(at + label.length() + 1).strip();
            if (at < 0) {
                found.add(new Violation(Rule.TAG, "the tag \"" + label + ":\" is missing"));
            } else if (value.isEmpty() || startsWithTag(mode, value)) {
                found.add(new Violation(Rule.TAG, "the tag \"" + label + ":\" is empty"));
            } else {
                from = at;
            }
        }
    }

    private static boolean startsWithTag(PromptMode mode, String text) {
        return mode.tags().keySet().stream().anyMatch(label -> text.startsWith(label + ":"));
    }

    private static void checkLength(PromptMode mode, String answer, List<Violation> found) {
        var words = Words.count(answer);
        if (words < mode.words().min()) {
            // Additions may round an answer off; they may not be most of it.
            var rule = words < mode.words().min() / 2 ? Rule.FAR_TOO_SHORT : Rule.TOO_SHORT;
            found.add(
                    new Violation(
                            rule, "it has %d words, %s are asked".formatted(words, mode.words())));
        }
        if (words > mode.words().max()) {
            found.add(
                    new Violation(
                            Rule.TOO_LONG,
                            "it has %d words, %s are asked".formatted(words, mode.words())));
        }
    }
}
