package dev.reelrank.testbed;

import java.util.Locale;

/** The plain words of a scene's parts; everything that speaks about a scene is made from these. */
public final class Wording {
    private Wording() {}

    /** The subject with its pattern and colour, without an article: "striped red ring". */
    public static String phrase(Subject subject) {
        return phrase(subject, subject.kind().noun(), true);
    }

    /** The subject with its colour alone: "red ring". */
    public static String shortPhrase(Subject subject) {
        return phrase(subject, subject.kind().noun(), false);
    }

    static String phrase(Subject subject, String noun, boolean pattern) {
        String look =
                pattern
                        ? subject.pattern().word() + " " + subject.colour().word()
                        : subject.colour().word();
        return subject.kind() == Kind.PERSON
                ? noun + " in " + look + " clothes"
                : look + " " + noun;
    }

    /** With "a" or "an" in front. */
    public static String withArticle(String phrase) {
        return ("aeio".indexOf(phrase.charAt(0)) >= 0 ? "an " : "a ") + phrase;
    }

    /** The action in the third person with its speed: "slides slowly to the left". */
    public static String action(Scene scene) {
        String adverb = adverb(scene.speed());
        String across = scene.rolls() ? "rolls " : "slides ";
        String along = scene.rolls() ? "tumbles " : "moves ";
        return switch (scene.action()) {
            case LEFT -> across + adverb + " to the left";
            case RIGHT -> across + adverb + " to the right";
            case UP -> along + adverb + " upward";
            case DOWN -> along + adverb + " downward";
            case ROTATE_CLOCKWISE -> "rotates " + adverb + " clockwise";
            case ROTATE_COUNTERCLOCKWISE -> "rotates " + adverb + " counterclockwise";
            case GROW -> "grows " + adverb + " larger";
            case SHRINK -> "shrinks " + adverb;
            case BOUNCE -> "bounces " + adverb + " up and down";
        };
    }

    /** The action as it is going on, without its speed: "sliding to the left". */
    public static String doing(Action action, Manner manner) {
        String across = manner == Manner.ROLL ? "rolling" : "sliding";
        String along = manner == Manner.ROLL ? "tumbling" : "moving";
        return switch (action) {
            case LEFT -> across + " to the left";
            case RIGHT -> across + " to the right";
            case UP -> along + " upward";
            case DOWN -> along + " downward";
            case ROTATE_CLOCKWISE -> "rotating clockwise";
            case ROTATE_COUNTERCLOCKWISE -> "rotating counterclockwise";
            case GROW -> "growing larger";
            case SHRINK -> "shrinking";
            case BOUNCE -> "bouncing up and down";
        };
    }

    static String adverb(Speed speed) {
        return speed == Speed.SLOW ? "slowly" : "quickly";
    }

    /** The relation as a preposition: "to the left of". */
    public static String relation(Placement relation) {
        return switch (relation) {
            case LEFT_OF -> "to the left of";
            case RIGHT_OF -> "to the right of";
            case ON -> "on top of";
            case BEHIND -> "partly behind";
        };
    }

    static String camera(Camera camera) {
        return switch (camera) {
            case STILL -> "stays still";
            case PAN_LEFT -> "pans slowly to the left";
            case PAN_RIGHT -> "pans slowly to the right";
        };
    }

    static String capitalised(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** How many words a text has: maximal runs without white space. */
    public static int words(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? 0 : stripped.split("\\s+").length;
    }
}
