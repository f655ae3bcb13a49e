package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the facts of a prompt: in the model's four lines, or by rules in the prompt itself. */
public final class FactParser {
    private static final int MOST_OBJECTS = 6;
    private static final Pattern OBJECT =
            Pattern.compile("\\b(?:a|an|the|one|two|some) ((?:[a-z-]+ ){0,2}[a-z-]+)");
    private static final Pattern SETTING =
            Pattern.compile(
                    "\\b((?:[a-z-]+ )?(?:background|backdrop|wall|room|street|forest|field|beach|table|sky))\\b");

    /** Words that end a noun phrase: what follows is no part of the thing. */
    private static final Pattern END =
            Pattern.compile(
                    " (?:is|are|was|moves?|slides?|glides?|drifts?|rises?|falls?|sinks?|turns?|spins?|rotates?|grows?|shrinks?|bounces?|hops?|walks?|runs?|gets?|on|in|over|against|at|of|with|that|which|and|to|from|slowly|quickly|gently).*$");

    private FactParser() {}

    /**
     * Reads the model's answer: lines {@code Objects:}, {@code Action:}, {@code Setting:}, {@code
     * Relations:}. Objects of which the prompt says neither the noun nor every attribute are
     * inventions and left out: a "kitten" may become a cat, but not from nothing.
     *
     * @return empty if there is no usable line of objects
     */
    public static Optional<PromptFacts> read(String answer, String prompt) {
        Set<String> said =
                new HashSet<>(
                        Arrays.asList(prompt.toLowerCase(Locale.ROOT).split("[^\\p{L}0-9]+")));
        List<String> objects = List.of();
        String action = null;
        String setting = null;
        List<Relation> relations = new ArrayList<>();
        for (String line : answer.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String value = line.substring(colon + 1).strip().replaceAll("[.\"]+$", "").strip();
            boolean none = value.isEmpty() || value.equalsIgnoreCase("none");
            switch (line.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
                case "objects" ->
                        objects =
                                none
                                        ? List.of()
                                        : phrases(value).stream()
                                                .filter(o -> promised(said, o))
                                                .toList();
                case "action" -> action = none ? null : value.toLowerCase(Locale.ROOT);
                case "setting" -> setting = none ? null : value.toLowerCase(Locale.ROOT);
                case "relations" -> {
                    if (!none) {
                        Arrays.stream(value.toLowerCase(Locale.ROOT).split(","))
                                .flatMap(r -> Relation.parse(r).stream())
                                .forEach(relations::add);
                    }
                }
                default -> {
                    // The model may add a line of its own.
                }
            }
        }
        if (objects.isEmpty()) {
            return Optional.empty();
        }
        String text = prompt.toLowerCase(Locale.ROOT);
        return Optional.of(
                new PromptFacts(
                        objects,
                        action == null ? null : Directions.asSaid(action, text),
                        setting,
                        relations.isEmpty()
                                ? relations(text, objects)
                                : relations.stream().map(r -> Directions.asSaid(r, text)).toList(),
                        PromptFacts.Source.MODEL));
    }

    /** What the prompt itself says about the objects, sentence by sentence. */
    private static List<Relation> relations(String text, List<String> objects) {
        var found = new ArrayList<Relation>();
        for (String sentence : text.split("[.!?;,]", -1)) {
            for (Relation r : Relation.parse(sentence).stream().toList()) {
                String first = named(objects, r.first()).orElse("");
                String second = named(objects, r.second()).orElse("");
                if (!first.isEmpty() && !second.isEmpty() && !first.equals(second)) {
                    found.add(new Relation(first, r.kind(), second));
                }
            }
        }
        return found;
    }

    /** The object that a phrase speaks of: the one with its last word among its own. */
    private static Optional<String> named(List<String> objects, String phrase) {
        String noun = PromptFacts.noun(phrase);
        return objects.stream().filter(o -> List.of(o.split(" ")).contains(noun)).findFirst();
    }

    /**
     * The fallback: noun phrases after articles, a place word, the sentence of the subject.
     *
     * @param subject the subject phrase, null if none was found
     */
    public static PromptFacts byRules(String prompt, @Nullable String subject) {
        String text = prompt.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        var objects = new LinkedHashSet<String>();
        if (subject != null && !subject.isBlank()) {
            objects.add(subject.toLowerCase(Locale.ROOT));
        }
        var settings = SETTING.matcher(text);
        String setting = settings.find() ? settings.group(1) : null;
        var found = OBJECT.matcher(text);
        int from = 0;
        while (objects.size() < MOST_OBJECTS && found.find(from)) {
            // "the left of a blue star": what follows an article may hold the next one.
            from = found.start(1);
            String phrase = END.matcher(found.group(1)).replaceAll("");
            boolean place = SETTING.matcher(phrase).find();
            boolean known = known(objects, phrase);
            if (!place
                    && !known
                    && !phrase.matches(
                            ".*\\b(video|clip|camera|scene|left|right|top|bottom|frame|same|way|time|light)\\b.*")) {
                objects.add(phrase);
            }
        }
        var relations = new ArrayList<Relation>();
        for (String sentence : text.split("[.!?;,]", -1)) {
            Relation.parse(sentence)
                    .filter(
                            r ->
                                    r.first().split(" ").length <= 4
                                            && r.second().split(" ").length <= 4)
                    .filter(r -> known(objects, r.first()) && known(objects, r.second()))
                    .ifPresent(relations::add);
        }
        return new PromptFacts(
                List.copyOf(objects), null, setting, relations, PromptFacts.Source.RULES);
    }

    private static boolean promised(Set<String> words, String object) {
        var attributes = PromptFacts.attributes(object);
        return says(words, PromptFacts.noun(object))
                || (!attributes.isEmpty() && words.containsAll(attributes));
    }

    private static boolean says(Set<String> words, String noun) {
        return words.contains(noun)
                || words.contains(noun + "s")
                || (noun.endsWith("s") && words.contains(noun.substring(0, noun.length() - 1)));
    }

    private static boolean known(Set<String> objects, String phrase) {
        return objects.stream().anyMatch(o -> PromptFacts.noun(o).equals(PromptFacts.noun(phrase)));
    }

    private static List<String> phrases(String list) {
        return Arrays.stream(list.toLowerCase(Locale.ROOT).split(","))
                .map(p -> p.strip().replaceAll("^(the|a|an) ", ""))
                .filter(p -> !p.isEmpty() && p.length() <= 60)
                .distinct()
                .limit(MOST_OBJECTS)
                .toList();
    }
}
