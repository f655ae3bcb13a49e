package dev.reelrank.testbed;

import dev.reelrank.testbed.Question.About;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Yes/no questions about a clip with their true answers. */
public final class ClipQuestions {
    private ClipQuestions() {}

    /** The questions about a clean clip of a scene; about half of the answers are yes. */
    public static List<Question> about(Scene scene) {
        return about(scene, scene, null);
    }

    /**
     * The questions about a clip that may be corrupted.
     *
     * @param asked the scene whose facts the questions ask after (what the prompt says)
     * @param shown the scene that is seen at the end of the clip
     * @param corruption what was done to the clip, or null
     */
    public static List<Question> about(Scene asked, Scene shown, @Nullable Corruption corruption) {
        Dice dice = new Dice(asked.seed(), 200);
        List<Question> all = new ArrayList<>();
        Subject subject = asked.first();
        Subject seen = shown.first();
        String noun = subject.kind().noun();

        Kind kind = dice.chance(.5) ? subject.kind() : dice.pick(Kind.values());
        add(all, About.OBJECT, "Is there a %s?".formatted(kind.noun()), has(shown, kind));
        add(
                all,
                About.OBJECT,
                "Is there %s?".formatted(Wording.withArticle(Wording.phrase(subject))),
                looks(seen, subject));
        Colour colour = dice.chance(.5) ? subject.colour() : dice.pick(Colour.values());
        add(
                all,
                About.ATTRIBUTE,
                "Is the %s %s?".formatted(noun, colour.word()),
                seen.kind() == subject.kind() && seen.colour() == colour);
        Pattern pattern = dice.chance(.5) ? subject.pattern() : dice.pick(Pattern.values());
        add(
                all,
                About.ATTRIBUTE,
                "Is the %s %s?".formatted(noun, pattern.word()),
                seen.kind() == subject.kind() && seen.pattern() == pattern);
        boolean moves = corruption != Corruption.FREEZE;
        Action action = dice.chance(.5) ? asked.action() : dice.pick(Action.values());
        if (shown.rolls() && action.rotates()) {
            // A rolling subject also turns, so the questions do not ask about turning.
            action = action.opposite() == Action.ROTATE_CLOCKWISE ? Action.GROW : Action.SHRINK;
        }
        add(
                all,
                About.ACTION,
                "Is the %s %s?".formatted(noun, Wording.doing(action, asked.manner())),
                moves && seen.kind() == subject.kind() && shown.action() == action);
        add(all, About.ACTION, "Does anything move?", moves);
        BackdropColour back =
                dice.chance(.5) ? asked.background().colour() : dice.pick(BackdropColour.values());
        add(
                all,
                About.SETTING,
                "Is the background %s?".formatted(back.word()),
                shown.background().colour() == back);
        Subject second = asked.second();
        if (second != null) {
            Placement relation =
                    dice.chance(.5)
                            ? Objects.requireNonNull(asked.relation())
                            : dice.pick(Placement.values());
            add(
                    all,
                    About.RELATION,
                    "Is the %s %s the %s?"
                            .formatted(noun, Wording.relation(relation), second.kind().noun()),
                    seen.kind() == subject.kind() && shown.relation() == relation);
        }
        quality(all, noun, corruption);
        return all;
    }

    private static void quality(List<Question> all, String noun, @Nullable Corruption corruption) {
        add(
                all,
                About.QUALITY,
                "Is there a ghost or a double image of the %s?".formatted(noun),
                corruption == Corruption.GHOST);
        add(all, About.QUALITY, "Does the picture flicker?", corruption == Corruption.FLICKER);
        add(
                all,
                About.QUALITY,
                "Does the %s keep its colour?".formatted(noun),
                corruption != Corruption.COLOUR_DRIFT && corruption != Corruption.IDENTITY_SWAP);
        add(
                all,
                About.QUALITY,
                "Does the %s keep its shape?".formatted(noun),
                corruption != Corruption.IDENTITY_SWAP);
        add(
                all,
                About.QUALITY,
                "Is the %s sharp and clear?".formatted(noun),
                corruption != Corruption.GHOST);
    }

    private static void add(List<Question> all, About about, String text, boolean yes) {
        all.add(new Question(text, yes, about));
    }

    private static boolean has(Scene scene, Kind kind) {
        return scene.subjects().stream().anyMatch(s -> s.kind() == kind);
    }

    private static boolean looks(Subject a, Subject b) {
        return a.kind() == b.kind() && a.colour() == b.colour() && a.pattern() == b.pattern();
    }

    static String name(About about) {
        return about.name().toLowerCase(Locale.ROOT);
    }
}
