package dev.reelrank.grading.prompt;

import java.util.List;

/** What a word can be at its place in a sentence. */
final class Grammar {
    /** Words of a noun phrase that are kept, the noun among them. */
    static final int LONGEST = 4;

    private Grammar() {}

    /**
     * Whether a noun may stand here without an article: at the beginning, after a preposition,
     * after "not", after "there is" and as one of a list; "its edges are clear" names no thing.
     */
    static boolean standsBare(List<String> words, int i, List<Phrase> phrases) {
        if (i == 0) {
            return true;
        }
        String before = words.get(i - 1);
        if (before.equals("and") || before.equals("or") || before.equals(",")) {
            return phrases.stream().anyMatch(p -> p.end() == i - 1 && p.object() >= 0);
        }
        boolean exists =
                Vocabulary.AUXILIARIES.contains(before)
                        && i > 1
                        && words.get(i - 2).equals("there");
        return exists
                || Vocabulary.isPunctuation(before)
                || Vocabulary.DENIALS.contains(before)
                || Vocabulary.PREPOSITIONS.contains(before)
                || before.equals("both")
                || (Vocabulary.isPlural(words.get(i))
                        && Verbs.find(before).isPresent()
                        && !Vocabulary.AUXILIARIES.contains(before));
    }

    static boolean opensPhrase(List<String> words, int i) {
        // "that ring" at the start, not "a star that stays".
        return i == 0 && words.get(i).equals("that");
    }

    /** "softly textured surface": the adverb belongs to what follows. */
    static boolean describesPhrase(List<String> words, int i) {
        return i > 0
                && Vocabulary.DETERMINERS.contains(words.get(i - 1))
                && i + 1 < words.size()
                && !Vocabulary.ends(words.get(i + 1))
                && !Vocabulary.isAdverb(words.get(i + 1));
    }

    static Verbs.Verb verb(String word) {
        return Verbs.find(word)
                .orElseGet(
                        () ->
                                new Verbs.Verb(
                                        word.substring(0, word.length() - 1),
                                        Verbs.Form.THIRD_PERSON,
                                        Verbs.Sense.MOVES));
    }

    /** Whether a word outside a noun phrase is a verb. */
    static boolean isVerb(List<String> words, int i, List<Phrase> phrases) {
        String w = words.get(i);
        boolean articled =
                i > 0
                        && Vocabulary.DETERMINERS.contains(words.get(i - 1))
                        && !isRelative(words, i - 1, phrases);
        var found = Verbs.find(w);
        if (articled) {
            return false;
        }
        boolean afterPhrase = !phrases.isEmpty() && phrases.get(phrases.size() - 1).end() <= i;
        if (found.isEmpty()) {
            // "The robot slowly oscillates": an adverb stands between the noun and what it does.
            return afterPhrase
                    && looksLikeVerb(w)
                    && i > 0
                    && Vocabulary.isAdverb(words.get(i - 1))
                    && opensRest(words, i + 1);
        }
        return switch (found.get().form()) {
            case BASE -> i > 0 && standsAlone(words.get(i - 1), afterPhrase);
            case PAST -> afterPhrase || opensRest(words, i + 1);
            case PARTICIPLE, THIRD_PERSON -> true;
        };
    }

    /** "a mushroom that grows" */
    private static boolean isRelative(List<String> words, int i, List<Phrase> phrases) {
        return Vocabulary.RELATIVES.contains(words.get(i))
                && phrases.stream().anyMatch(p -> p.end() == i);
    }

    private static boolean looksLikeVerb(String word) {
        return word.endsWith("s")
                && word.length() > 3
                && !word.endsWith("ss")
                && !word.endsWith("us")
                && !word.endsWith("is")
                && !Vocabulary.ENDS_IN_S.contains(word);
    }

    /** Whether a verb may stand before this place: what follows it is no further noun. */
    private static boolean opensRest(List<String> words, int next) {
        return next >= words.size()
                || Vocabulary.ends(words.get(next))
                || Vocabulary.isAdverb(words.get(next));
    }

    /**
     * @param first the phrase's first word
     * @param from its article, or its first word
     */
    static int phraseEnd(List<String> words, int first, int from) {
        boolean plural = Vocabulary.PLURAL.contains(words.get(from));
        int end = first;
        while (end < words.size() && end - first < LONGEST + 1) {
            String w = words.get(end);
            if (Vocabulary.ends(w) || (Vocabulary.isAdverb(w) && !describesPhrase(words, end))) {
                break;
            }
            if (end > first && isPredicate(words, first, end, plural)) {
                break;
            }
            plural |= end >= first && Vocabulary.isPlural(w);
            end++;
        }
        return end;
    }

    /** Whether a noun phrase that began before has its verb here. */
    static boolean isPredicate(List<String> words, int first, int at, boolean plural) {
        String w = words.get(at);
        boolean onlyLooks = words.subList(first, at).stream().allMatch(Vocabulary.LOOKS::contains);
        if (onlyLooks) {
            return false;
        }
        var verb = Verbs.find(w);
        if (verb.isPresent()) {
            return switch (verb.get().form()) {
                case THIRD_PERSON -> true;
                case PARTICIPLE, PAST -> opensRest(words, at + 1);
                case BASE ->
                        (plural || joined(words, first) || caused(words))
                                && opensRest(words, at + 1);
            };
        }
        return !plural && looksLikeVerb(w) && opensRest(words, at + 1) && !verbFollows(words, at);
    }

    /** "The ring and the square slide": two singulars are several. */
    private static boolean joined(List<String> words, int first) {
        int before = first - 1;
        if (before >= 0 && Vocabulary.DETERMINERS.contains(words.get(before))) {
            before--;
        }
        return before > 0 && words.get(before).equals("and");
    }

    /** "Make the star spin". */
    private static boolean caused(List<String> words) {
        return List.of("make", "let", "have", "see", "watch", "show").contains(words.get(0));
    }

    private static boolean verbFollows(List<String> words, int at) {
        for (int i = at + 1; i < words.size() && !Vocabulary.isPunctuation(words.get(i)); i++) {
            if (Vocabulary.AUXILIARIES.contains(words.get(i))
                    || Verbs.find(words.get(i)).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** "does not move", "both slide", "they rise", "to spin". */
    private static boolean standsAlone(String before, boolean afterPhrase) {
        boolean governed = Vocabulary.PREPOSITIONS.contains(before) && !before.equals("to");
        return !governed && (afterPhrase || !Vocabulary.CONJUNCTIONS.contains(before));
    }
}
