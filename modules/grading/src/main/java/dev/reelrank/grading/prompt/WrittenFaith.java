package dev.reelrank.grading.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether a written prompt says the same as the user's: the subject, its colours, how many there
 * are, what is denied, and the ways of movements. What the writer adds beside them is free.
 */
public final class WrittenFaith {
    private static final Set<String> COLOURS =
            Set.of(
                    ("red green blue yellow orange purple pink white black gray grey brown golden"
                                    + " silver navy teal beige maroon olive cyan magenta violet")
                            .split(" "));
    private static final Set<String> NUMBERS =
            Set.of("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");

    /** Words of a way, and what they mean. */
    private static final Map<String, String> WAYS =
            Map.ofEntries(
                    Map.entry("left", "left"),
                    Map.entry("leftward", "left"),
                    Map.entry("leftwards", "left"),
                    Map.entry("right", "right"),
                    Map.entry("rightward", "right"),
                    Map.entry("rightwards", "right"),
                    Map.entry("up", "up"),
                    Map.entry("upward", "up"),
                    Map.entry("upwards", "up"),
                    Map.entry("rises", "up"),
                    Map.entry("down", "down"),
                    Map.entry("downward", "down"),
                    Map.entry("downwards", "down"),
                    Map.entry("sinks", "down"),
                    Map.entry("falls", "down"),
                    Map.entry("clockwise", "clockwise"),
                    Map.entry("counterclockwise", "counterclockwise"),
                    Map.entry("anticlockwise", "counterclockwise"),
                    Map.entry("grows", "larger"),
                    Map.entry("larger", "larger"),
                    Map.entry("bigger", "larger"),
                    Map.entry("shrinks", "smaller"),
                    Map.entry("smaller", "smaller"));

    private static final Map<String, String> OPPOSITES =
            Map.of(
                    "left", "right",
                    "right", "left",
                    "up", "down",
                    "down", "up",
                    "clockwise", "counterclockwise",
                    "counterclockwise", "clockwise",
                    "larger", "smaller",
                    "smaller", "larger");

    private WrittenFaith() {}

    /**
     * What the written prompt changed, in words: {@code it does not name the fish}.
     *
     * @return empty if it changed nothing that can be told; nothing can be told where the user's
     *     prompt names no thing in English
     */
    public static List<String> changes(String original, String written) {
        var own = PromptReader.read(original);
        var other = PromptReader.read(written);
        var said = words(written);
        var changes = new ArrayList<String>();
        if (!own.objects().isEmpty()) {
            int actor = own.deeds().isEmpty() ? 0 : own.deeds().get(0).actor();
            String phrase = own.objects().get(actor);
            String noun = PromptFacts.noun(phrase);
            var names = FactParser.names(noun);
            if (names.stream().noneMatch(n -> FactParser.says(said, n))) {
                changes.add("it does not name the " + noun);
            } else {
                colours(phrase, names, original, other, said, changes);
                deeds(own, actor, names, other, changes);
            }
        }
        for (String number : NUMBERS) {
            if (words(original).contains(number) && !said.contains(number)) {
                changes.add("it does not say that there are " + number);
            }
        }
        for (String absent : own.absent()) {
            String noun = PromptFacts.noun(absent);
            if (other.objects().stream().anyMatch(o -> PromptFacts.noun(o).equals(noun))) {
                changes.add("it shows the " + noun + " that is not to be there");
            }
        }
        return List.copyOf(changes);
    }

    private static void colours(
            String phrase,
            Set<String> names,
            String original,
            PromptReader.Reading other,
            Set<String> said,
            List<String> changes) {
        for (String word : phrase.split(" ", -1)) {
            if (COLOURS.contains(word) && !said.contains(word)) {
                changes.add(
                        "it leaves out that the %s is %s"
                                .formatted(PromptFacts.noun(phrase), word));
            }
        }
        var named = words(original);
        for (String o : other.objects()) {
            if (names.contains(PromptFacts.noun(o))) {
                for (String word : o.split(" ", -1)) {
                    if (COLOURS.contains(word) && !named.contains(word)) {
                        changes.add("it makes the %s %s".formatted(PromptFacts.noun(o), word));
                    }
                }
            }
        }
    }

    private static void deeds(
            PromptReader.Reading own,
            int actor,
            Set<String> names,
            PromptReader.Reading other,
            List<String> changes) {
        var mine = own.deeds().stream().filter(d -> d.actor() == actor).toList();
        var theirs =
                other.deeds().stream()
                        .filter(
                                d ->
                                        names.contains(
                                                PromptFacts.noun(other.objects().get(d.actor()))))
                        .toList();
        if (mine.isEmpty() || theirs.isEmpty()) {
            return;
        }
        boolean rests = mine.stream().allMatch(Deed::rest);
        if (rests && theirs.stream().anyMatch(d -> !d.rest())) {
            changes.add("it lets move what is to rest");
        } else if (!rests && theirs.stream().allMatch(Deed::rest)) {
            changes.add("it lets rest what is to move");
        }
        var wanted = ways(mine);
        var got = ways(theirs);
        for (String way : wanted) {
            String opposite = OPPOSITES.get(way);
            if (!got.contains(way) && got.contains(opposite) && !wanted.contains(opposite)) {
                changes.add("it turns %s into %s".formatted(way, opposite));
            }
        }
    }

    private static Set<String> ways(List<Deed> deeds) {
        return deeds.stream()
                .flatMap(d -> Arrays.stream(d.sentence().split("[^a-z-]+")))
                .flatMap(w -> Optional.ofNullable(WAYS.get(w)).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> words(String text) {
        return new HashSet<>(Arrays.asList(text.toLowerCase(Locale.ROOT).split("[^\\p{L}0-9-]+")));
    }
}
