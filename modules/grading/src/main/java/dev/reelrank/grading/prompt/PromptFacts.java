package dev.reelrank.grading.prompt;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a prompt states.
 *
 * @param objects phrases such as {@code striped red ring}, without article
 * @param absent phrases of what the prompt says is not there
 * @param deeds what the objects do, the first the most important; empty if nothing is stated
 * @param setting for example {@code navy background}, null if none is stated
 * @param relations between objects
 * @param source who found them
 */
public record PromptFacts(
        List<String> objects,
        List<String> absent,
        List<Deed> deeds,
        @Nullable String setting,
        List<Relation> relations,
        Source source) {
    /** Who found the facts. */
    public enum Source {
        /** The vision-language model. */
        MODEL,
        /** Word lists and rules, where the model's answer could not be used. */
        RULES
    }

    /** Words that begin what is said about a thing behind its noun: "person in red clothes". */
    private static final Set<String> AFTER = Set.of("in", "with", "of", "wearing");

    public PromptFacts {
        objects = List.copyOf(objects);
        absent = List.copyOf(absent);
        deeds = List.copyOf(deeds);
        relations = List.copyOf(relations);
    }

    /** Index of the object that acts: that of the first deed, else the first of all. */
    public int actor() {
        return deeds.isEmpty() ? 0 : deeds.get(0).actor();
    }

    /** Whether the prompt says that something moves or changes. */
    public boolean wantsMovement() {
        return deeds.stream().anyMatch(d -> !d.rest());
    }

    /** The thing itself: {@code ring} of "striped red ring", {@code person} of "person in red". */
    public static String noun(String phrase) {
        var words = phrase.split(" ");
        return words[head(words)];
    }

    /** What a phrase says about the thing: its colour, pattern, material … */
    public static List<String> attributes(String phrase) {
        var words = phrase.split(" ");
        int head = head(words);
        var before = List.of(words).subList(0, head);
        if (head + 2 >= words.length || !words[head + 1].equals("in")) {
            return List.copyOf(before);
        }
        // "in striped red clothes": the last word is what is worn.
        var worn = List.of(words).subList(head + 2, words.length - 1);
        return java.util.stream.Stream.concat(before.stream(), worn.stream()).toList();
    }

    private static int head(String[] words) {
        for (int i = 1; i < words.length; i++) {
            if (AFTER.contains(words[i])) {
                return i - 1;
            }
        }
        return words.length - 1;
    }
}
