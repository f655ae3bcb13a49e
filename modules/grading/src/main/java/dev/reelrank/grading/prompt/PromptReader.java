package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the things of an English prompt, and what each of them does, by rules alone: noun phrases
 * end where a verb, a preposition or another small word begins; the verb's subject is the noun
 * phrase before it that no preposition governs.
 */
final class PromptReader {
    private static final Pattern TOKEN =
            Pattern.compile("[\\p{L}\\p{N}]+(?:['’-][\\p{L}\\p{N}]+)*|[^\\s\\p{L}\\p{N}]");
    private static final Pattern SENTENCE = Pattern.compile("[.!?;\\n]+");
    private static final int MOST_OBJECTS = 6;

    private static final Set<String> MOVEMENT =
            Set.of("motion", "movement", "animation", "move", "action");

    /** What is left of a sentence once a denied way is taken out of it. */
    private static final Pattern DENIED_WAY =
            Pattern.compile("\\b(?:not|never|rather than|instead of)(?: to)?(?: the)? [a-z-]+");

    private final Map<String, Integer> objects = new LinkedHashMap<>();
    private final Set<String> absent = new LinkedHashSet<>();
    private final List<Deed> deeds = new ArrayList<>();

    /**
     * @param objects phrases, in the order in which they are named
     * @param absent phrases of what the prompt says is not there
     * @param deeds by object
     */
    record Reading(List<String> objects, List<String> absent, List<Deed> deeds) {}

    /** A verb of a sentence. */
    private record Act(int at, Verbs.Verb verb, boolean denied) {}

    private PromptReader() {}

    /** Reads a prompt of any length; nothing is found in one without English nouns and verbs. */
    static Reading read(String prompt) {
        var reader = new PromptReader();
        String text = prompt.toLowerCase(Locale.ROOT).replace('’', '\'');
        for (String sentence : SENTENCE.split(text, -1)) {
            var words = new ArrayList<String>();
            var tokens = TOKEN.matcher(sentence);
            while (tokens.find()) {
                words.add(tokens.group());
            }
            if (!words.isEmpty()) {
                reader.sentence(words);
            }
        }
        return reader.reading();
    }

    /** What the prompt names and then denies ("a cat that is no cat") is not there. */
    private Reading reading() {
        var denied = absent.stream().map(PromptFacts::noun).collect(Collectors.toSet());
        var all = List.copyOf(objects.keySet());
        var kept = all.stream().filter(o -> !denied.contains(PromptFacts.noun(o))).toList();
        var done =
                deeds.stream()
                        .filter(d -> kept.contains(all.get(d.actor())))
                        .map(
                                d ->
                                        new Deed(
                                                kept.indexOf(all.get(d.actor())),
                                                d.sentence(),
                                                d.rest()))
                        .toList();
        return new Reading(kept, List.copyOf(absent), SettledDeeds.of(done));
    }

    private void sentence(List<String> words) {
        var phrases = new ArrayList<Phrase>();
        var acts = new ArrayList<Act>();
        boolean governed = false;
        boolean denied = false;
        boolean instead = false;
        int i = 0;
        int verbAt = -1;
        while (i < words.size()) {
            String w = words.get(i);
            if (Vocabulary.isPunctuation(w)
                    || Vocabulary.CONJUNCTIONS.contains(w)
                    || (Vocabulary.RELATIVES.contains(w) && !Grammar.opensPhrase(words, i))) {
                boolean joins = w.equals("and") || w.equals("or");
                governed = governed && joins;
                denied = denied && joins;
                instead = instead && joins;
                i++;
            } else if (Vocabulary.DENIALS.contains(w)) {
                denied = true;
                i++;
            } else if (w.equals("instead") || w.equals("rather")) {
                instead = true;
                i++;
            } else if (Vocabulary.PREPOSITIONS.contains(w)) {
                governed = true;
                i++;
            } else if (Vocabulary.AUXILIARIES.contains(w)
                    || Vocabulary.PRONOUNS.contains(w)
                    || w.equals("both")) {
                governed = false;
                i++;
            } else if (Vocabulary.isAdverb(w) && !Grammar.describesPhrase(words, i)) {
                i++;
            } else if (i == verbAt || Grammar.isVerb(words, i, phrases)) {
                if (!instead) {
                    acts.add(new Act(i, Grammar.verb(words.get(i)), denied));
                }
                denied = false;
                instead = false;
                governed = false;
                i++;
            } else {
                int first = Vocabulary.DETERMINERS.contains(w) ? i + 1 : i;
                int end = Grammar.phraseEnd(words, first, i);
                boolean thing = first > i || Grammar.standsBare(words, i, phrases);
                if (end > first && !thing) {
                    i = end;
                } else if (end > first) {
                    phrases.add(phrase(words, first, end, governed, denied));
                    boolean plural = Vocabulary.PLURAL.contains(w);
                    verbAt =
                            end < words.size()
                                            && !Vocabulary.ends(words.get(end))
                                            && Grammar.isPredicate(words, first, end, plural)
                                    ? end
                                    : -1;
                    denied = false;
                    governed = false;
                    i = end;
                } else {
                    i = first > i ? first : i + 1;
                }
            }
        }
        for (int a = 0; a < acts.size(); a++) {
            deeds(words, phrases, acts, a);
        }
        adjectives(words, phrases);
    }

    private Phrase phrase(
            List<String> words, int first, int end, boolean governed, boolean denied) {
        int from = Math.max(first, end - Grammar.LONGEST);
        String noun = words.get(end - 1);
        String text = String.join(" ", words.subList(from, end));
        boolean aside = Vocabulary.ASIDES.contains(noun);
        boolean command =
                first == 0 && end < words.size() && Vocabulary.DETERMINERS.contains(words.get(end));
        if (denied && MOVEMENT.contains(noun)) {
            // "A heart without any motion."
            objects.values().stream()
                    .reduce((a, b) -> b)
                    .ifPresent(
                            o ->
                                    deeds.add(
                                            new Deed(
                                                    o,
                                                    "the %s stays still".formatted(name(o)),
                                                    true)));
        }
        boolean compared =
                first > 0
                        && List.of("like", "as")
                                .contains(
                                        words.get(
                                                Vocabulary.DETERMINERS.contains(
                                                                words.get(first - 1))
                                                        ? Math.max(0, first - 2)
                                                        : first - 1));
        if (aside
                || compared
                || command
                || text.matches(Vocabulary.PLACE)
                || Vocabulary.LOOKS.contains(noun)
                || Verbs.find(noun).filter(v -> v.form() == Verbs.Form.PARTICIPLE).isPresent()
                || noun.matches("\\d+")) {
            return new Phrase(first, end, -1, governed, false);
        }
        if (denied) {
            absent.add(text);
            return new Phrase(first, end, -1, governed, true);
        }
        return new Phrase(first, end, object(dressed(words, end, text)), governed, false);
    }

    /** "person" becomes "person in red clothes" where that follows. */
    private static String dressed(List<String> words, int end, String text) {
        if (end + 1 < words.size() && words.get(end).equals("in")) {
            for (int i = end + 1; i < Math.min(words.size(), end + 5); i++) {
                if (words.get(i).matches("clothes|dress|suit|coat|shirt|jacket|uniform")) {
                    var worn = new ArrayList<>(words.subList(end + 1, i + 1));
                    worn.removeIf(Vocabulary.DETERMINERS::contains);
                    return text + " in " + String.join(" ", worn);
                }
            }
        }
        return text;
    }

    /** The object of a phrase; one with the same noun is the same thing. */
    private int object(String text) {
        String noun = PromptFacts.noun(text);
        for (var known : objects.entrySet()) {
            if (PromptFacts.noun(known.getKey()).equals(noun)) {
                return known.getValue();
            }
        }
        if (objects.size() >= MOST_OBJECTS) {
            return -1;
        }
        objects.put(text, objects.size());
        return objects.size() - 1;
    }

    private void deeds(List<String> words, List<Phrase> phrases, List<Act> acts, int which) {
        Act act = acts.get(which);
        var clause = new Clause(words, phrases);
        var actors = clause.actors(act.at(), objects.size(), topic());
        int end = words.size();
        for (int i = act.at() + 1; i < end; i++) {
            String w = words.get(i);
            if (Vocabulary.isPunctuation(w)
                    || Vocabulary.RELATIVES.contains(w)
                    || List.of("while", "but", "then", "when").contains(w)
                    || (which + 1 < acts.size() && i >= clause.startOf(acts.get(which + 1).at()))) {
                end = i;
            }
        }
        var rest = new ArrayList<>(words.subList(act.at() + 1, end));
        while (!rest.isEmpty() && List.of("and", "or").contains(rest.get(rest.size() - 1))) {
            rest.remove(rest.size() - 1);
        }
        String tail = DENIED_WAY.matcher(String.join(" ", rest)).replaceAll("").strip();
        // "Leftward drifts the fish", "clockwise turns": the way may stand before the verb.
        String before =
                act.at() > 0 && Vocabulary.isAdverb(words.get(act.at() - 1))
                        ? words.get(act.at() - 1)
                        : "";
        boolean still =
                Set.of("still", "motionless", "frozen", "stationary", "unmoving", "immobile")
                        .stream()
                        .anyMatch(rest::contains);
        if (act.verb().sense() == Verbs.Sense.SAYS_NEITHER && !still) {
            return;
        }
        if (clause.isInverted(act.at())) {
            // "To the right slides the watch": the way stands before the verb.
            tail = DENIED_WAY.matcher(String.join(" ", words.subList(0, act.at()))).replaceAll("");
        }
        if (tail.isEmpty()) {
            // "Clockwise is how the star turns."
            int opening = phrases.stream().mapToInt(Phrase::at).findFirst().orElse(0);
            tail =
                    words.subList(0, Math.min(opening, act.at())).stream()
                            .filter(Vocabulary.ADVERBS::contains)
                            .filter(Vocabulary::isWay)
                            .collect(Collectors.joining(" "));
        }
        String way = tail;
        boolean rests = (act.verb().sense() == Verbs.Sense.RESTS || still) != act.denied();
        for (int actor : actors) {
            String noun = name(actor);
            deeds.add(
                    new Deed(
                            actor,
                            "the %s %s %s %s"
                                    .formatted(
                                            noun,
                                            Verbs.thirdPerson(act.verb().lemma()),
                                            before,
                                            way)
                                    .replaceAll("\\s+", " ")
                                    .strip(),
                            rests));
        }
    }

    private String name(int object) {
        return PromptFacts.noun(List.copyOf(objects.keySet()).get(object));
    }

    /** What "it" speaks of: what acted last, else the first thing of all. */
    private int topic() {
        return deeds.isEmpty() ? 0 : deeds.get(0).actor();
    }

    /** "A resting cat", "a spinning star": what an adjective says counts too. */
    private void adjectives(List<String> words, List<Phrase> phrases) {
        for (Phrase p : phrases) {
            for (int i = p.at(); i < p.end() - 1 && p.object() >= 0; i++) {
                String w = words.get(i);
                var verb = Verbs.find(w).filter(v -> v.form() == Verbs.Form.PARTICIPLE);
                boolean still = Set.of("motionless", "stationary", "unmoving").contains(w);
                if (still || verb.filter(v -> v.sense() != Verbs.Sense.SAYS_NEITHER).isPresent()) {
                    String noun = words.get(p.end() - 1);
                    boolean rests = still || verb.orElseThrow().sense() == Verbs.Sense.RESTS;
                    String lemma = still ? "stay" : verb.orElseThrow().lemma();
                    deeds.add(
                            new Deed(
                                    p.object(),
                                    "the " + noun + " " + Verbs.thirdPerson(lemma),
                                    rests));
                }
            }
        }
    }
}
