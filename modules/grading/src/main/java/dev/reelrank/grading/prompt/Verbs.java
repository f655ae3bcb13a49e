package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The verbs of prompts in all their forms: those of movement, those of rest, and those that say
 * neither.
 */
final class Verbs {
    /** What a verb says about movement. */
    enum Sense {
        MOVES,
        RESTS,
        /** It is a verb, but nothing can be asked or measured of it: "has", "looks". */
        SAYS_NEITHER
    }

    /** How a verb is inflected. */
    enum Form {
        BASE,
        THIRD_PERSON,
        PARTICIPLE,
        PAST
    }

    /**
     * A verb as it stands in a sentence.
     *
     * @param lemma its base form
     */
    record Verb(String lemma, Form form, Sense sense) {}

    private static final Set<String> MOVES =
            Set.of(
                    ("move slide glide drift rise sink fall float ascend descend turn spin rotate"
                                    + " grow shrink become get bounce hop jump leap walk run roll"
                                    + " tumble swim fly dance wiggle wriggle wave swing sway shake"
                                    + " tremble melt climb drop travel go creep crawl skip expand"
                                    + " contract swell enlarge orbit flip twirl pivot revolve dive"
                                    + " soar wander race dash march twist slip pulse nod whirl"
                                    + " vibrate flutter flap plunge lower gallop trot stroll sprint"
                                    + " rush zoom circle wobble rock kick step shift scoot inch"
                                    + " shuffle skate sail gyrate reverse stretch bob stir budge"
                                    + " vanish topple tilt lean bend")
                            .split(" "));
    private static final Set<String> RESTS =
            Set.of("stay remain rest stand sit lie wait freeze sleep pause".split(" "));
    private static final Set<String> NEITHER =
            Set.of(
                    ("be have show see look seem appear wear hold cast keep shine glow glitter"
                                    + " sparkle gleam make come give let want need contain feature"
                                    + " hover face touch begin start end stop happen change like"
                                    + " imagine fill cover surround support depict watch")
                            .split(" "));

    private static final Map<String, Verb> IRREGULAR =
            Map.ofEntries(
                    past("rose", "rise"),
                    past("sank", "sink"),
                    past("fell", "fall"),
                    past("grew", "grow"),
                    past("shrank", "shrink"),
                    past("slid", "slide"),
                    past("spun", "spin"),
                    past("ran", "run"),
                    past("swam", "swim"),
                    past("flew", "fly"),
                    past("went", "go"),
                    past("got", "get"),
                    past("became", "become"),
                    past("swung", "swing"),
                    past("shook", "shake"),
                    past("crept", "creep"),
                    past("stood", "stand"),
                    past("sat", "sit"),
                    past("froze", "freeze"),
                    past("slept", "sleep"),
                    Map.entry("lying", new Verb("lie", Form.PARTICIPLE, Sense.RESTS)));

    private Verbs() {}

    private static Map.Entry<String, Verb> past(String form, String lemma) {
        return Map.entry(form, new Verb(lemma, Form.PAST, sense(lemma).orElseThrow()));
    }

    /** A word of the lists in one of its forms. */
    static Optional<Verb> find(String word) {
        var irregular = IRREGULAR.get(word);
        if (irregular != null) {
            return Optional.of(irregular);
        }
        var base = sense(word);
        if (base.isPresent()) {
            return base.map(s -> new Verb(word, Form.BASE, s));
        }
        if (word.endsWith("ing") && word.length() > 4) {
            return first(stems(word.substring(0, word.length() - 3)), Form.PARTICIPLE);
        }
        if (word.endsWith("ed") && word.length() > 3) {
            return first(stems(word.substring(0, word.length() - 2)), Form.PAST);
        }
        return word.endsWith("s") ? first(singulars(word), Form.THIRD_PERSON) : Optional.empty();
    }

    private static Optional<Verb> first(List<String> lemmas, Form form) {
        return lemmas.stream()
                .flatMap(l -> sense(l).map(s -> new Verb(l, form, s)).stream())
                .findFirst();
    }

    private static Optional<Sense> sense(String lemma) {
        return MOVES.contains(lemma)
                ? Optional.of(Sense.MOVES)
                : RESTS.contains(lemma)
                        ? Optional.of(Sense.RESTS)
                        : NEITHER.contains(lemma)
                                ? Optional.of(Sense.SAYS_NEITHER)
                                : Optional.empty();
    }

    /** "slid" of sliding, "hopp" of hopping, "creep": each with what may have been there. */
    private static List<String> stems(String stem) {
        var stems = new ArrayList<>(List.of(stem, stem + "e"));
        int n = stem.length();
        if (n > 2 && stem.charAt(n - 1) == stem.charAt(n - 2)) {
            stems.add(stem.substring(0, n - 1));
        }
        return stems;
    }

    private static List<String> singulars(String word) {
        String short1 = word.substring(0, word.length() - 1);
        var all = new ArrayList<>(List.of(short1));
        if (word.endsWith("ies") && word.length() > 4) {
            all.add(word.substring(0, word.length() - 3) + "y");
        }
        if (word.endsWith("es")) {
            all.add(word.substring(0, word.length() - 2));
        }
        return all;
    }

    /** "slide" becomes "slides", "fly" becomes "flies". */
    static String thirdPerson(String lemma) {
        if (lemma.matches(".*[^aeiou]y")) {
            return lemma.substring(0, lemma.length() - 1) + "ies";
        }
        return lemma + (lemma.matches(".*(s|sh|ch|x|z|o)") ? "es" : "s");
    }
}
