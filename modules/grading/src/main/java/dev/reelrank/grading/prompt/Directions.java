package dev.reelrank.grading.prompt;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Holds what a model read against what the prompt says: small ones take left for right. Only where
 * the prompt says one of two opposites and not the other is there no doubt.
 */
final class Directions {
    private static final Map<String, String> OPPOSITES =
            Map.of(
                    "left", "right",
                    "right", "left",
                    "up", "down",
                    "down", "up",
                    "upward", "downward",
                    "downward", "upward",
                    "clockwise", "counterclockwise",
                    "counterclockwise", "clockwise");

    private static final Pattern CAMERA = Pattern.compile("\\b(?:camera|pan|pans)\\b");

    private Directions() {}

    /** An action whose directions are those of the prompt, lower case. */
    static String asSaid(String action, String prompt) {
        // What the camera does and where things stand is another matter.
        String about =
                Arrays.stream(prompt.split("[.!?]", -1))
                        .filter(sentence -> !CAMERA.matcher(sentence).find())
                        .collect(Collectors.joining("."))
                        .replaceAll("\\b(left|right) of\\b", "");
        Set<String> said = new HashSet<>(Arrays.asList(about.split("[^a-z]+")));
        var words = action.split(" ");
        for (int i = 0; i < words.length; i++) {
            String opposite = OPPOSITES.get(words[i]);
            if (opposite != null && !said.contains(words[i]) && said.contains(opposite)) {
                words[i] = opposite;
            }
        }
        return String.join(" ", words);
    }

    /** A relation whose side is that of the prompt. */
    static Relation asSaid(Relation relation, String prompt) {
        boolean left = prompt.contains("left of");
        boolean right = prompt.contains("right of");
        Relation.Kind kind =
                switch (relation.kind()) {
                    case LEFT_OF -> right && !left ? Relation.Kind.RIGHT_OF : relation.kind();
                    case RIGHT_OF -> left && !right ? Relation.Kind.LEFT_OF : relation.kind();
                    default -> relation.kind();
                };
        // "The box is right of the ring" may be read as "the ring left of the box".
        boolean turned =
                kind != relation.kind() && before(prompt, relation.second(), relation.first());
        return turned ? relation : new Relation(relation.first(), kind, relation.second());
    }

    private static boolean before(String prompt, String a, String b) {
        int first = prompt.indexOf(PromptFacts.noun(a));
        int second = prompt.indexOf(PromptFacts.noun(b));
        return first >= 0 && second >= 0 && first < second;
    }
}
