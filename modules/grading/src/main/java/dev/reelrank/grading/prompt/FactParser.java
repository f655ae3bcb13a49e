package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the facts of a prompt. The user's own words decide: things and deeds are read from the
 * prompt by rules. A model's four lines add what the rules cannot see (the setting, relations, and
 * everything of a prompt that is not English), and never replace a thing by another.
 */
public final class FactParser {
    private static final int MOST_OBJECTS = 6;
    private static final Pattern SETTING =
            Pattern.compile(
                    "\\b((?:[a-z-]+ )?(?:background|backdrop|wall|room|street|forest|field|beach|table|sky))\\b");

    /** What a model may call a thing that the user calls otherwise. */
    private static final Map<String, String> OTHER_NAMES =
            Map.ofEntries(
                    Map.entry("kitten", "cat"),
                    Map.entry("kitty", "cat"),
                    Map.entry("puppy", "dog"),
                    Map.entry("wristwatch", "watch"),
                    Map.entry("disc", "circle"),
                    Map.entry("disk", "circle"),
                    Map.entry("box", "square"),
                    Map.entry("man", "person"),
                    Map.entry("woman", "person"),
                    Map.entry("figure", "person"));

    private FactParser() {}

    /** The four lines of a model's answer, as they are. */
    private record Answer(
            List<String> objects,
            @Nullable String action,
            @Nullable String setting,
            List<Relation> relations) {
        static Answer of(String text) {
            List<String> objects = List.of();
            String action = null;
            String setting = null;
            List<Relation> relations = new ArrayList<>();
            for (String line : text.lines().toList()) {
                int colon = line.indexOf(':');
                if (colon < 0) {
                    continue;
                }
                String value =
                        line.substring(colon + 1)
                                .strip()
                                .replaceAll("[.\"]+$", "")
                                .strip()
                                .toLowerCase(Locale.ROOT);
                boolean none = value.isEmpty() || value.equals("none");
                switch (line.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
                    case "objects" -> objects = none ? List.of() : phrases(value);
                    case "action" -> action = none ? null : value;
                    case "setting" -> setting = none ? null : value;
                    case "relations" -> {
                        if (!none) {
                            Arrays.stream(value.split(","))
                                    .flatMap(r -> Relation.parse(r).stream())
                                    .forEach(relations::add);
                        }
                    }
                    default -> {
                        // The model may add a line of its own.
                    }
                }
            }
            return new Answer(objects, action, setting, relations);
        }
    }

    /**
     * Reads the model's answer: lines {@code Objects:}, {@code Action:}, {@code Setting:}, {@code
     * Relations:}. Objects that the prompt does not name are inventions and left out; so is an
     * action where the prompt itself says what happens.
     *
     * @return empty if there is no usable line of objects
     */
    public static Optional<PromptFacts> read(String answer, String prompt) {
        String text = prompt.toLowerCase(Locale.ROOT);
        Set<String> said = new HashSet<>(Arrays.asList(text.split("[^\\p{L}0-9]+")));
        var lines = Answer.of(answer);
        List<String> promised =
                lines.objects().stream().filter(o -> says(said, PromptFacts.noun(o))).toList();
        var reading = PromptReader.read(prompt);
        if (promised.isEmpty() && lines.objects().stream().noneMatch(o -> renames(o, reading))) {
            return Optional.empty();
        }
        List<String> objects = objects(reading, lines.objects(), promised);
        List<Deed> deeds = deeds(reading, lines.action(), text, objects);
        List<Relation> relations =
                lines.relations().stream()
                        .map(r -> Directions.asSaid(r, text))
                        .filter(r -> known(objects, r.first()) && known(objects, r.second()))
                        .filter(r -> r.kind().isSaid(text))
                        .toList();
        return Optional.of(
                new PromptFacts(
                        objects,
                        reading.absent(),
                        deeds,
                        lines.setting() == null ? setting(text) : lines.setting(),
                        relations.isEmpty() ? relations(text, objects) : relations,
                        PromptFacts.Source.MODEL));
    }

    /** The user's things under the names that the model knows, then what only the model saw. */
    private static List<String> objects(
            PromptReader.Reading reading, List<String> named, List<String> promised) {
        var objects = new ArrayList<String>();
        for (String own : reading.objects()) {
            String noun = PromptFacts.noun(own);
            String other = OTHER_NAMES.get(noun);
            boolean called =
                    other != null
                            && named.stream().anyMatch(n -> PromptFacts.noun(n).equals(other));
            objects.add(called ? own.replaceFirst("\\b" + noun + "\\b", other) : own);
        }
        for (String o : promised) {
            boolean denied = known(reading.absent(), o);
            if (!known(objects, o) && !denied && objects.size() < MOST_OBJECTS && !isAside(o)) {
                objects.add(o);
            }
        }
        return List.copyOf(objects);
    }

    /** A noun and the other names of what it calls. */
    static Set<String> names(String noun) {
        var names = new HashSet<>(Set.of(noun));
        OTHER_NAMES.forEach(
                (own, other) -> {
                    if (own.equals(noun)) {
                        names.add(other);
                    } else if (other.equals(noun)) {
                        names.add(own);
                    }
                });
        return names;
    }

    private static boolean isAside(String phrase) {
        return Vocabulary.ASIDES.contains(PromptFacts.noun(phrase))
                || phrase.matches(Vocabulary.PLACE);
    }

    private static boolean renames(String object, PromptReader.Reading reading) {
        return reading.objects().stream()
                .anyMatch(
                        own ->
                                PromptFacts.noun(object)
                                        .equals(OTHER_NAMES.get(PromptFacts.noun(own))));
    }

    /** What the prompt says is done; what the model says where the rules see nothing done. */
    private static List<Deed> deeds(
            PromptReader.Reading reading,
            @Nullable String action,
            String text,
            List<String> objects) {
        if (!reading.deeds().isEmpty() || action == null) {
            return reading.deeds().stream().map(d -> renamed(d, objects)).toList();
        }
        String held = Directions.asSaid(action, text);
        var words = List.of(held.split("[^\\p{L}0-9]+"));
        for (int i = 0; i < objects.size(); i++) {
            if (words.contains(PromptFacts.noun(objects.get(i)))) {
                return List.of(new Deed(i, held, Questions.isRest(held)));
            }
        }
        return List.of(new Deed(0, held, Questions.isRest(held)));
    }

    /** "the kitten hops" becomes "the cat hops" where the thing is called a cat. */
    private static Deed renamed(Deed deed, List<String> objects) {
        String[] words = deed.sentence().split(" ", 3);
        return new Deed(
                deed.actor(),
                "the "
                        + PromptFacts.noun(objects.get(deed.actor()))
                        + (words.length > 2 ? " " + words[2] : ""),
                deed.rest());
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

    /** The object that a phrase speaks of: the one with its noun among its own words. */
    private static Optional<String> named(List<String> objects, String phrase) {
        String noun = PromptFacts.noun(phrase);
        String last = phrase.substring(phrase.lastIndexOf(' ') + 1);
        return objects.stream()
                .filter(
                        o ->
                                List.of(o.split(" ")).contains(noun)
                                        || List.of(o.split(" ")).contains(last)
                                        || PromptFacts.noun(o).equals(OTHER_NAMES.get(noun)))
                .findFirst();
    }

    /**
     * The facts by rules alone.
     *
     * @param subject what the user said the video is about, null if nothing; it is the first object
     *     if the prompt names it
     */
    public static PromptFacts byRules(String prompt, @Nullable String subject) {
        String text = prompt.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        var reading = PromptReader.read(prompt);
        var objects = new ArrayList<>(reading.objects());
        var deeds = reading.deeds();
        if (objects.isEmpty() && subject != null && !subject.isBlank()) {
            objects.add(subject.toLowerCase(Locale.ROOT).strip());
        }
        return new PromptFacts(
                objects,
                reading.absent(),
                deeds,
                setting(text),
                relations(text, objects),
                PromptFacts.Source.RULES);
    }

    private static @Nullable String setting(String text) {
        var settings = SETTING.matcher(text);
        return settings.find() ? settings.group(1).replaceAll("^(a|an|the) ", "") : null;
    }

    static boolean says(Set<String> words, String noun) {
        return words.contains(noun)
                || words.contains(noun + "s")
                || (noun.endsWith("s") && words.contains(noun.substring(0, noun.length() - 1)));
    }

    private static boolean known(List<String> objects, String phrase) {
        String one = singular(PromptFacts.noun(phrase));
        return objects.stream().anyMatch(o -> singular(PromptFacts.noun(o)).equals(one));
    }

    private static String singular(String noun) {
        return Vocabulary.isPlural(noun) ? noun.substring(0, noun.length() - 1) : noun;
    }

    private static List<String> phrases(String list) {
        return Arrays.stream(list.split(","))
                .map(p -> p.strip().replaceAll("^(the|a|an) ", ""))
                .filter(p -> !p.isEmpty() && p.length() <= 60)
                .distinct()
                .limit(MOST_OBJECTS)
                .toList();
    }
}
