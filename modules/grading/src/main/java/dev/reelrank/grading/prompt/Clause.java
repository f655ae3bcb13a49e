package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The words of a sentence and its noun phrases, and who does what its verbs say: the phrase before
 * a verb that no preposition governs, what a pronoun stands for, or the phrase behind it.
 */
record Clause(List<String> words, List<Phrase> phrases) {
    /** Whether the subject stands behind its verb. */
    boolean isInverted(int verb) {
        return phrases.stream().noneMatch(p -> p.end() <= verb && !p.governed() && !p.denied())
                && phrases.stream().anyMatch(p -> p.at() > verb && !p.governed())
                && words.subList(0, verb).stream().noneMatch(Vocabulary.PRONOUNS::contains);
    }

    /** Where the clause of a verb begins: at its own subject, or at the verb. */
    int startOf(int verb) {
        return phrases.stream()
                .filter(p -> p.end() == verb && !p.governed())
                .mapToInt(Phrase::at)
                .map(at -> at > 0 ? at - 1 : at)
                .findFirst()
                .orElse(verb);
    }

    /**
     * The things that do what a verb says.
     *
     * @param verb its place among the words
     * @param objects how many things the prompt has named so far
     * @param topic which of them "it" speaks of
     */
    List<Integer> actors(int verb, int objects, int topic) {
        for (int i = verb - 1; i >= 0; i--) {
            String w = words.get(i);
            int at = i;
            if (Vocabulary.RELATIVES.contains(w)) {
                // "a blue star that stays": whatever governs it, it is the star.
                return phrases.stream()
                        .filter(p -> p.end() <= at)
                        .reduce((a, b) -> b)
                        .map(Clause::actor)
                        .orElse(List.of());
            }
            if (w.equals("they") || w.equals("both")) {
                return IntStream.range(0, objects).boxed().toList();
            }
            if (w.equals("nothing")) {
                // "Nothing moves" is of everything; "nothing else happens" is of no thing.
                return words.get(i + 1).equals("else")
                        ? List.of()
                        : IntStream.range(0, objects).boxed().toList();
            }
            if (w.equals("everything") || w.equals("we") || w.equals("you") || w.equals("i")) {
                return List.of();
            }
            boolean governed = i > 0 && Vocabulary.PREPOSITIONS.contains(words.get(i - 1));
            if (!governed && (w.equals("it") || w.equals("he") || w.equals("she"))) {
                return objects == 0 ? List.of() : List.of(topic);
            }
            if (List.of("while", "but", "when").contains(w)) {
                break;
            }
            var ended =
                    phrases.stream()
                            .filter(p -> p.end() == at + 1 && !p.governed())
                            .findFirst()
                            .orElse(null);
            if (ended != null && !ended.denied()) {
                return ended.object() < 0 ? actor(ended) : joint(ended);
            }
        }
        var after = phrases.stream().filter(p -> p.at() > verb && !p.governed()).findFirst();
        if (after.isPresent()) {
            return actor(after.get());
        }
        return phrases.isEmpty() && objects > 0 ? List.of(topic) : List.of();
    }

    private static List<Integer> actor(Phrase phrase) {
        return phrase.object() < 0 ? List.of() : List.of(phrase.object());
    }

    /** A subject and those that "and" joins to it. */
    private List<Integer> joint(Phrase last) {
        var all = new ArrayList<>(List.of(last.object()));
        Phrase now = last;
        for (int p = phrases.indexOf(last) - 1; p >= 0; p--) {
            Phrase before = phrases.get(p);
            var between = words.subList(before.end(), now.at());
            boolean joins =
                    between.contains("and")
                            && between.stream()
                                    .allMatch(
                                            w ->
                                                    w.equals("and")
                                                            || w.equals(",")
                                                            || Vocabulary.DETERMINERS.contains(w));
            if (!joins || before.object() < 0) {
                break;
            }
            all.add(0, before.object());
            now = before;
        }
        return all;
    }
}
