package dev.reelrank.testbed;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a written prompt says of a scene what is true. */
public final class PromptTruth {
    private static final Pattern SENTENCE = Pattern.compile("[.!?]+\\s*");
    private static final Pattern ASIDE =
            Pattern.compile("\\b(camera|light|lighting|pan|starts)\\b");
    private static final Map<Action, Pattern> ACTIONS = actions();

    private PromptTruth() {}

    private static Map<Action, Pattern> actions() {
        String go = "\\b(?:slid|mov|glid|drift|travel|go|roll|tumbl)\\w*(?: \\w+)? ";
        String turn = "\\b(?:rotat|turn|spin)\\w*(?: \\w+)? ";
        Map<Action, Pattern> all = new EnumMap<>(Action.class);
        all.put(Action.LEFT, Pattern.compile(go + "to the left"));
        all.put(Action.RIGHT, Pattern.compile(go + "to the right"));
        all.put(
                Action.UP,
                Pattern.compile(
                        "\\b(?:mov|float|ris|roll|tumbl)\\w*(?: \\w+)? up(?:wards?)?\\b(?! and)|\\brises"));
        all.put(
                Action.DOWN,
                Pattern.compile(
                        "\\b(?:mov|fall|sink|roll|tumbl)\\w*(?: \\w+)? down(?:wards?)?\\b|\\bsinks"));
        all.put(Action.ROTATE_CLOCKWISE, Pattern.compile(turn + "clockwise"));
        all.put(Action.ROTATE_COUNTERCLOCKWISE, Pattern.compile(turn + "counterclockwise"));
        all.put(Action.GROW, Pattern.compile("\\bgrow\\w*|\\b(?:larger|bigger)\\b"));
        all.put(Action.SHRINK, Pattern.compile("\\bshrink\\w*|\\bsmaller\\b"));
        all.put(Action.BOUNCE, Pattern.compile("\\b(?:bounc|hop)\\w*"));
        return all;
    }

    /** The facts that a prompt gets wrong or leaves out: of subject, colour and action. */
    public static List<String> wrong(Scene scene, String prompt) {
        String text = prompt.toLowerCase(Locale.ROOT);
        Subject first = scene.first();
        List<String> wrong = new ArrayList<>();
        if (first.kind().nouns().stream().noneMatch(noun -> word(text, noun))) {
            wrong.add("subject " + first.kind().noun());
        }
        Set<Colour> colours = EnumSet.noneOf(Colour.class);
        for (Colour colour : Colour.values()) {
            if (word(text, colour.word())) {
                colours.add(colour);
            }
        }
        if (scene.second() != null) {
            colours.removeIf(c -> c != first.colour() && c == scene.subjects().get(1).colour());
        }
        if (!colours.equals(EnumSet.of(first.colour()))) {
            wrong.add("colour " + first.colour().word() + ", named " + colours);
        }
        Set<Action> named = actions(text);
        if (!named.equals(EnumSet.of(scene.action()))) {
            wrong.add("action " + scene.action() + ", named " + named);
        }
        return wrong;
    }

    /** The actions that a text speaks of, camera and light aside. */
    static Set<Action> actions(String text) {
        Set<Action> named = EnumSet.noneOf(Action.class);
        for (String sentence : SENTENCE.split(text.toLowerCase(Locale.ROOT), -1)) {
            String told = sentence.replaceAll(" while the camera.*", "");
            if (ASIDE.matcher(told).find()) {
                continue;
            }
            ACTIONS.forEach(
                    (action, pattern) -> {
                        if (pattern.matcher(told).find()) {
                            named.add(action);
                        }
                    });
        }
        return named;
    }

    private static boolean word(String text, String word) {
        return Pattern.compile("\\b" + word + "\\b").matcher(text).find();
    }
}
