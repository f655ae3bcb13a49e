package dev.reelrank.ranking;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the video is about, as a phrase to segment: "striped red ring".
 *
 * @param phrase lower-case, without article
 * @param group the kind of subject
 * @param source where it was found
 */
public record SubjectPhrase(String phrase, SubjectGroup group, Source source) {
    /** Where a phrase comes from. */
    public enum Source {
        /** Given with the sample. */
        GIVEN,
        WRITTEN_PROMPT,
        ORIGINAL_PROMPT
    }

    /** What is looked for before people: they hold it. */
    private static final List<SubjectGroup> OBJECTS =
            List.of(
                    SubjectGroup.JEWELRY,
                    SubjectGroup.ANIMAL,
                    SubjectGroup.DEVICE,
                    SubjectGroup.FOOD);

    private static final int MODIFIERS = 3;
    private static final int PHRASE = 5;

    /** Things to wear that end like a verb. */
    private static final Set<String> PLURALS =
            Set.of("clothes", "trousers", "shoes", "boots", "gloves", "glasses", "socks", "jeans");

    /** "There is a box", "Please make a video of a box": what opens a sentence and is no thing. */
    private static final Set<String> OPENINGS =
            Set.of(
                    "there",
                    "here",
                    "please",
                    "make",
                    "create",
                    "generate",
                    "animate",
                    "show",
                    "imagine",
                    "let",
                    "see");

    /** Foods and stones that are colours or makes of other things. */
    private static final Set<String> COLOURS =
            Set.of(
                    "orange",
                    "peach",
                    "lime",
                    "lemon",
                    "cherry",
                    "chocolate",
                    "coffee",
                    "wine",
                    "pearl",
                    "diamond");

    /**
     * Finds the subject. The phrase that was given wins. Otherwise the user's own words decide: a
     * word of jewelry, animal, device or food (in this order) in the original prompt, then a word
     * for a person, then the head noun of the first noun phrase that is not a place. Only a prompt
     * that names nothing is looked for in the written one, which may have the subject wrong. Of
     * several words of a group the first counts. Up to three modifiers before it are kept when they
     * reach back to an article, a preposition or the start.
     *
     * @param given the sample's own phrase, null or blank to look for one
     * @return empty when neither prompt has a noun phrase
     */
    public static Optional<SubjectPhrase> find(
            String writtenPrompt, String originalPrompt, @Nullable String given) {
        if (given != null && !given.isBlank()) {
            var phrase = String.join(" ", given.strip().split("\\s+"));
            return Optional.of(new SubjectPhrase(phrase, SubjectGroup.of(phrase), Source.GIVEN));
        }
        var written = SentenceWords.of(writtenPrompt);
        var original = SentenceWords.of(originalPrompt);
        return subject(original, Source.ORIGINAL_PROMPT)
                .or(() -> subject(written, Source.WRITTEN_PROMPT));
    }

    private static Optional<SubjectPhrase> subject(List<String> words, Source source) {
        return objects(words, source)
                .or(() -> keyword(words, SubjectGroup.PERSON, source))
                .or(() -> head(words, source));
    }

    private static Optional<SubjectPhrase> objects(List<String> words, Source source) {
        for (var group : OBJECTS) {
            var found = keyword(words, group, source);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<SubjectPhrase> keyword(
            List<String> words, SubjectGroup group, Source source) {
        for (int i = 0; i < words.size(); i++) {
            if (group.names(words.get(i))
                    && !isVerb(words, i)
                    && !isColour(words, i)
                    && !isFilming(words, i)) {
                return Optional.of(new SubjectPhrase(withModifiers(words, i), group, source));
            }
        }
        return Optional.empty();
    }

    /** "an orange triangle", "a cherry car": a colour or a make, since a noun follows. */
    private static boolean isColour(List<String> words, int i) {
        return COLOURS.contains(words.get(i))
                && i + 1 < words.size()
                && !SentenceWords.ends(words.get(i + 1))
                && (!opensPredicate(words, i + 1) || PLURALS.contains(words.get(i + 1)));
    }

    /** "The camera stays still" speaks of the film, not of something in it. */
    private static boolean isFilming(List<String> words, int i) {
        return words.get(i).equals("camera")
                && i > 0
                && words.get(i - 1).equals("the")
                && i + 1 < words.size()
                && !List.of("on", "in", "of", "with", "at").contains(words.get(i + 1));
    }

    /** "watch the cat", "to ring", "they duck": a noun would not stand before an article so. */
    private static boolean isVerb(List<String> words, int i) {
        boolean infinitive =
                i > 0
                        && List.of("to", "they", "we", "you", "i", "will", "can")
                                .contains(words.get(i - 1));
        boolean command =
                (i == 0 || words.get(i - 1).equals("."))
                        && i + 1 < words.size()
                        && SentenceWords.DETERMINERS.contains(words.get(i + 1));
        return (infinitive && !words.get(i - 1).equals("to"))
                || (infinitive && followedByObject(words, i))
                || command;
    }

    private static boolean followedByObject(List<String> words, int i) {
        return i + 1 < words.size() && SentenceWords.DETERMINERS.contains(words.get(i + 1));
    }

    private static String withModifiers(List<String> words, int noun) {
        int first = noun;
        while (first > 0 && noun - first < MODIFIERS && !endsModifiers(words.get(first - 1))) {
            first--;
        }
        boolean whole = first == 0 || endsModifiers(words.get(first - 1));
        return String.join(" ", words.subList(whole ? first : noun, noun + 1));
    }

    /** Besides what ends any noun phrase: verbs and plurals ("slices strawberries"), adverbs. */
    private static boolean endsModifiers(String word) {
        return SentenceWords.ends(word)
                || (word.endsWith("s") && !word.endsWith("ss"))
                || word.endsWith("ly");
    }

    private static Optional<SubjectPhrase> head(List<String> words, Source source) {
        for (int i = 0; i < words.size(); i++) {
            boolean opens = i == 0 && !OPENINGS.contains(words.get(i));
            if (!opens && !SentenceWords.DETERMINERS.contains(words.get(i))) {
                continue;
            }
            // "On a navy background, a star …": what a sentence opens with "on" is the place.
            boolean place =
                    i > 0
                            && SentenceWords.PREPOSITIONS.contains(words.get(i - 1))
                            && (i == 1 || SentenceWords.isPunctuation(words.get(i - 2)));
            int first = SentenceWords.DETERMINERS.contains(words.get(i)) ? i + 1 : i;
            int end = nounPhraseEnd(words, first);
            if (place || end == first || isPicture(words, end)) {
                continue;
            }
            return Optional.of(
                    new SubjectPhrase(
                            String.join(" ", words.subList(first, end)),
                            SubjectGroup.OTHER,
                            source));
        }
        return Optional.empty();
    }

    /** "a clip", and also "a short and simple clip", which the "and" would cut in two. */
    private static boolean isPicture(List<String> words, int end) {
        if (SentenceWords.PICTURES.contains(words.get(end - 1))) {
            return true;
        }
        if (end >= words.size() || !List.of("and", ",").contains(words.get(end))) {
            return false;
        }
        int rest = nounPhraseEnd(words, end + 1);
        return rest > end + 1 && isPicture(words, rest);
    }

    /**
     * A noun phrase goes on until a preposition, punctuation, an adverb or what looks like a verb.
     */
    private static int nounPhraseEnd(List<String> words, int first) {
        int end = first;
        while (end < words.size()
                && end - first < PHRASE
                && !SentenceWords.ends(words.get(end))
                && !(end > first && opensPredicate(words, end))) {
            end++;
        }
        return end;
    }

    private static boolean opensPredicate(List<String> words, int i) {
        var word = words.get(i);
        if (word.endsWith("ly") || word.endsWith("ing")) {
            return true;
        }
        // "made of wood", "dressed in red"
        boolean participle = word.equals("made") || word.endsWith("ed");
        if (participle
                && i + 1 < words.size()
                && SentenceWords.PREPOSITIONS.contains(words.get(i + 1))) {
            return true;
        }
        boolean thirdPerson = word.endsWith("s") && !word.endsWith("ss");
        return thirdPerson
                && (i + 1 == words.size()
                        || SentenceWords.ends(words.get(i + 1))
                        || words.get(i + 1).endsWith("ly")
                        || words.get(i + 1).endsWith("er")
                        || words.get(i + 1).endsWith("ward")
                        || words.get(i + 1).endsWith("wise")
                        || List.of("up", "down", "away", "left", "right", "still", "slow", "fast")
                                .contains(words.get(i + 1)));
    }
}
