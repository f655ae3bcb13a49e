package dev.reelrank.testbed;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Verbose prompts as people write them: several sentences, the same facts in many wordings. */
public final class Prompts {
    private Prompts() {}

    /**
     * A prompt of three to seven sentences that states every fact of the scene.
     *
     * @param variant 0, 1, 2 …: another wording each
     */
    public static String verbose(Scene scene, int variant) {
        Dice dice = new Dice(scene.seed(), 100 + variant);
        Subject first = scene.first();
        String noun = dice.pick(first.kind().nouns());
        boolean pattern = first.pattern() != Pattern.PLAIN || dice.chance(.5);
        String phrase = Wording.withArticle(Wording.phrase(first, noun, pattern));
        String colour = scene.background().colour().word();
        String place =
                dice.pick(PLACES)
                        .replace("{a b}", Wording.withArticle(colour))
                        .replace("{b}", colour);
        List<String> sentences = new ArrayList<>();
        if (dice.chance(.25)) {
            sentences.add(dice.pick(OPENINGS));
        }
        sentences.add(opening(dice, phrase, place));
        if (scene.second() != null) {
            sentences.add(second(dice, scene, noun));
        }
        sentences.add(acting(dice, scene, noun));
        if (dice.chance(.5)) {
            sentences.add(dice.pick(LOOKS));
        }
        sentences.add(dice.pick(cameras(scene.camera())));
        if (dice.chance(.5)) {
            sentences.add(dice.pick(WISHES));
        }
        return String.join(" ", sentences);
    }

    /** One short sentence that tells the scene from others. */
    public static String caption(Scene scene) {
        StringBuilder text = new StringBuilder();
        text.append(Wording.withArticle(Wording.phrase(scene.first())));
        if (scene.second() != null) {
            text.append(' ')
                    .append(Wording.relation(Objects.requireNonNull(scene.relation())))
                    .append(' ');
            text.append(Wording.withArticle(Wording.phrase(scene.second())));
        }
        text.append(" on ")
                .append(Wording.withArticle(scene.background().colour().word()))
                .append(" background");
        return text.toString();
    }

    private static final List<String> PLACES =
            List.of(
                    "on {a b} background",
                    "against {a b} background",
                    "in front of {a b} wall",
                    "over a softly textured {b} surface",
                    "against a cloudy {b} backdrop");

    private static final List<String> OPENINGS =
            List.of(
                    "This is a short and simple clip.",
                    "Please make a short video of this picture.",
                    "I imagine a calm little scene.");

    private static final List<String> LOOKS =
            List.of(
                    "Soft light comes from the upper left.",
                    "It casts a gentle shadow.",
                    "Its edges are clear and its colours are rich.",
                    "The background has a cloudy texture.");

    private static final List<String> WISHES =
            List.of(
                    "The motion should look smooth and natural.",
                    "Nothing else happens.",
                    "Everything stays sharp until the end.",
                    "The shape and the colour must not change.");

    private static String opening(Dice dice, String phrase, String place) {
        return switch (dice.below(5)) {
            case 0 -> "The video shows " + phrase + " " + place + ".";
            case 1 -> "There is " + phrase + " " + place + ".";
            case 2 -> Wording.capitalised(phrase) + " can be seen " + place + ".";
            case 3 -> "We see " + phrase + " " + place + ".";
            default -> Wording.capitalised(phrase) + " stands " + place + ".";
        };
    }

    private static String second(Dice dice, Scene scene, String noun) {
        Subject other = scene.subjects().get(1);
        String phrase =
                Wording.withArticle(Wording.phrase(other, dice.pick(other.kind().nouns()), true));
        String where = Wording.relation(Objects.requireNonNull(scene.relation()));
        return switch (dice.below(3)) {
            case 0 -> "The " + noun + " is " + where + " " + phrase + ", which does not move.";
            case 1 -> "It is " + where + " " + phrase + " that stays in place.";
            default ->
                    "At the start the "
                            + noun
                            + " is "
                            + where
                            + " "
                            + phrase
                            + ", and only the "
                            + noun
                            + " moves.";
        };
    }

    private static String acting(Dice dice, Scene scene, String noun) {
        String adverb =
                scene.speed() == Speed.SLOW
                        ? dice.pick("slowly", "gently", "slowly")
                        : dice.pick("quickly", "fast", "rapidly");
        String verb = dice.pick(scene.rolls() ? rolling(scene.action()) : verbs(scene.action()));
        int gap = verb.indexOf(' ');
        String done =
                gap < 0 || dice.chance(.5)
                        ? verb + " " + adverb
                        : verb.substring(0, gap) + " " + adverb + verb.substring(gap);
        String who = dice.chance(.5) ? "The " + noun : dice.chance(.5) ? "It" : "Then it";
        if (scene.second() != null) {
            who = "The " + noun;
        }
        return who + " " + done + ".";
    }

    private static List<String> rolling(Action action) {
        return switch (action) {
            case LEFT -> List.of("rolls to the left", "tumbles to the left");
            case RIGHT -> List.of("rolls to the right", "tumbles to the right");
            case UP -> List.of("tumbles upward", "rolls upward", "tumbles up");
            case DOWN -> List.of("tumbles downward", "rolls down", "tumbles down");
            default -> throw new IllegalArgumentException(action + " cannot be rolled");
        };
    }

    private static List<String> verbs(Action action) {
        return switch (action) {
            case LEFT -> List.of("moves to the left", "slides to the left", "glides to the left");
            case RIGHT ->
                    List.of("moves to the right", "slides to the right", "glides to the right");
            case UP -> List.of("moves up", "rises", "floats upward", "moves upward");
            case DOWN -> List.of("moves down", "sinks", "falls downward", "moves downward");
            case ROTATE_CLOCKWISE ->
                    List.of("rotates clockwise", "turns clockwise", "spins clockwise");
            case ROTATE_COUNTERCLOCKWISE ->
                    List.of(
                            "rotates counterclockwise",
                            "turns counterclockwise",
                            "spins counterclockwise");
            case GROW -> List.of("grows", "becomes larger", "grows larger", "gets bigger");
            case SHRINK -> List.of("shrinks", "becomes smaller", "gets smaller");
            case BOUNCE -> List.of("bounces up and down", "bounces", "hops up and down");
        };
    }

    private static List<String> cameras(Camera camera) {
        return switch (camera) {
            case STILL ->
                    List.of(
                            "The camera stays still.",
                            "The camera does not move.",
                            "The camera is fixed.");
            case PAN_LEFT ->
                    List.of("The camera pans slowly to the left.", "A slow pan goes to the left.");
            case PAN_RIGHT ->
                    List.of(
                            "The camera pans slowly to the right.",
                            "A slow pan goes to the right.");
        };
    }
}
