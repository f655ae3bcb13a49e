package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Facts as yes/no questions, one fact each, "yes" meaning that the video keeps its promise. */
public final class Questions {
    private static final Set<String> SHORT_VERBS =
            Set.of(
                    "spin", "hop", "get", "run", "sit", "swim", "skip", "drop", "stop", "step",
                    "drip", "flip", "slip", "nod");

    private static final Pattern REST =
            Pattern.compile("\\b(?:still|stands?|lies?|rests?|sits?|stays?|remains?|waits?)\\b");

    private Questions() {}

    /**
     * A question and what it asks for.
     *
     * @param kind object, attribute, action, rest, setting or relation
     * @param yes whether "yes" means that the video keeps its promise
     */
    public record Question(String kind, String text, boolean yes) {
        public Question(String kind, String text) {
            this(kind, text, true);
        }
    }

    /** The questions of a prompt's facts, objects first; without repetition. */
    public static List<Question> of(PromptFacts facts) {
        Set<Question> questions = new LinkedHashSet<>();
        for (String object : facts.objects()) {
            questions.add(new Question("object", there(object)));
        }
        for (String object : facts.absent()) {
            questions.add(new Question("object", there(object), false));
        }
        for (String object : facts.objects()) {
            for (String attribute : PromptFacts.attributes(object)) {
                String noun = PromptFacts.noun(object);
                questions.add(
                        new Question(
                                "attribute", be(noun) + " the " + noun + " " + attribute + "?"));
            }
        }
        for (Deed deed : facts.deeds()) {
            if (deed.rest()) {
                moving(deed, facts.objects())
                        .ifPresent(text -> questions.add(new Question("rest", text, false)));
            } else {
                action(deed.sentence(), facts.objects())
                        .ifPresent(text -> questions.add(new Question("action", text)));
                moving(deed, facts.objects())
                        .ifPresent(text -> questions.add(new Question("action", text)));
            }
        }
        if (facts.setting() != null) {
            questions.add(
                    new Question(
                            "setting",
                            "Is there " + article(facts.setting()) + " " + facts.setting() + "?"));
        }
        for (Relation r : facts.relations()) {
            if (r.kind() == Relation.Kind.FOREGROUND) {
                questions.add(
                        new Question(
                                "relation",
                                "Is the " + PromptFacts.noun(r.first()) + " in the foreground?"));
            } else {
                questions.add(
                        new Question(
                                "relation",
                                "Is the %s %s the %s?"
                                        .formatted(
                                                PromptFacts.noun(r.first()),
                                                r.kind().asked(),
                                                PromptFacts.noun(r.second()))));
            }
        }
        return List.copyOf(questions);
    }

    /**
     * "the red ring slides slowly to the left" becomes "Is the ring sliding slowly to the left?".
     */
    static Optional<String> action(String sentence, List<String> objects) {
        List<String> words =
                new ArrayList<>(List.of(sentence.strip().replaceAll("[.!]$", "").split("\\s+")));
        Set<String> nouns = new LinkedHashSet<>();
        objects.forEach(o -> nouns.add(PromptFacts.noun(o)));
        int at = -1;
        for (int i = 0; i < words.size() && at < 0; i++) {
            if (nouns.contains(words.get(i))) {
                at = i;
            }
        }
        if (at < 0 || at + 1 >= words.size()) {
            return Optional.empty();
        }
        String noun = words.get(at);
        List<String> rest = new ArrayList<>(words.subList(at + 1, words.size()));
        for (int i = 0; i < rest.size(); i++) {
            String word = rest.get(i);
            if (word.equals("is") || word.equals("are")) {
                rest.remove(i);
                return Optional.of(be(noun) + " the " + noun + " " + String.join(" ", rest) + "?");
            }
            if (word.endsWith("s") && !word.endsWith("ss") && !word.endsWith("wards")) {
                rest.set(i, gerund(word));
                return Optional.of(be(noun) + " the " + noun + " " + String.join(" ", rest) + "?");
            }
        }
        return Optional.empty();
    }

    /** Whatever a thing does, it moves; one that rests does not. */
    private static Optional<String> moving(Deed deed, List<String> objects) {
        if (deed.actor() >= objects.size()) {
            return Optional.empty();
        }
        String noun = PromptFacts.noun(objects.get(deed.actor()));
        return Optional.of((Vocabulary.isPlural(noun) ? "Do" : "Does") + " the " + noun + " move?");
    }

    /** Whether a sentence without a subject of its own speaks of rest. */
    static boolean isRest(String sentence) {
        return REST.matcher(sentence).find();
    }

    private static String there(String object) {
        return Vocabulary.isPlural(PromptFacts.noun(object))
                ? "Are there " + object + "?"
                : "Is there " + article(object) + " " + object + "?";
    }

    private static String be(String noun) {
        return Vocabulary.isPlural(noun) ? "Are" : "Is";
    }

    static String gerund(String verb) {
        String stem;
        if (verb.endsWith("shes")
                || verb.endsWith("ches")
                || verb.endsWith("sses")
                || verb.endsWith("oes")) {
            stem = verb.substring(0, verb.length() - 2);
        } else if (verb.endsWith("ies")) {
            stem = verb.substring(0, verb.length() - 3) + "y";
        } else {
            stem = verb.substring(0, verb.length() - 1);
        }
        if (SHORT_VERBS.contains(stem)) {
            return stem + stem.charAt(stem.length() - 1) + "ing";
        }
        return stem.endsWith("e") && !stem.endsWith("ee")
                ? stem.substring(0, stem.length() - 1) + "ing"
                : stem + "ing";
    }

    private static String article(String phrase) {
        return "aeiou".indexOf(phrase.charAt(0)) >= 0 ? "an" : "a";
    }
}
