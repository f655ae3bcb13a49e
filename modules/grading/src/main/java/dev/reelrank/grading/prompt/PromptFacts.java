package dev.reelrank.grading.prompt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prompt states.
 *
 * @param objects phrases such as {@code striped red ring}, without article
 * @param action a sentence about the first object, null if none is stated
 * @param setting for example {@code navy background}, null if none is stated
 * @param relations between objects
 * @param source who found them
 */
public record PromptFacts(
        List<String> objects,
        @Nullable String action,
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

    public PromptFacts {
        objects = List.copyOf(objects);
        relations = List.copyOf(relations);
    }

    /**
     * Index of the object that acts: the first whose noun the action says, else the first of all.
     */
    public int actor() {
        if (action != null) {
            var words = List.of(action.split("[^\\p{L}0-9]+"));
            for (int i = 0; i < objects.size(); i++) {
                if (words.contains(noun(objects.get(i)))) {
                    return i;
                }
            }
        }
        return 0;
    }

    /** The last word of a phrase: the thing itself. */
    public static String noun(String phrase) {
        return phrase.substring(phrase.lastIndexOf(' ') + 1);
    }

    /** The words before the thing itself: its colour, pattern, material … */
    public static List<String> attributes(String phrase) {
        int at = phrase.lastIndexOf(' ');
        return at < 0 ? List.of() : List.of(phrase.substring(0, at).split(" "));
    }
}
