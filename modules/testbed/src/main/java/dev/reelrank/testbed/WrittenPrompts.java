package dev.reelrank.testbed;

import java.util.Objects;

/** What the prompt writer should make of a scene, by mode; its training targets. */
public final class WrittenPrompts {
    private WrittenPrompts() {}

    /** Mode {@code ultra_enrich}: 80 to 120 words, with material, lighting, quality and motion. */
    public static String ultraEnrich(Scene scene) {
        Subject first = scene.first();
        String noun = first.kind().noun();
        boolean slow = scene.speed() == Speed.SLOW;
        String material = first.kind().material();
        StringBuilder text = new StringBuilder();
        text.append(Wording.capitalised(Wording.withArticle(Wording.phrase(first))))
                .append(" made of ")
                .append(material)
                .append(' ')
                .append(Wording.action(scene))
                .append(" against a softly textured ")
                .append(scene.background().colour().word())
                .append(" background. ");
        Subject second = scene.second();
        if (second != null) {
            text.append("It starts ")
                    .append(Wording.relation(Objects.requireNonNull(scene.relation())))
                    .append(' ')
                    .append(Wording.withArticle(Wording.phrase(second)))
                    .append(" that stays in place. ");
        }
        text.append("The motion is ")
                .append(slow ? "slow and gentle" : "fast and lively")
                .append(", one continuous movement from the first frame to the last, and the ")
                .append(noun)
                .append(" keeps its shape, its colour and its pattern. The camera ")
                .append(Wording.camera(scene.camera()))
                .append(
                        ". Soft even light falls from the upper left and leaves a gentle shadow"
                                + " beside the ")
                .append(noun)
                .append(". Material: ")
                .append(material)
                .append(", ")
                .append(first.pattern().word())
                .append(". Lighting: soft, even, diffuse. Quality: sharp focus, fine detail, clean")
                .append(" colours, no flicker. Motion: ")
                .append(slow ? "slow" : "fast")
                .append(", smooth, steady, continuous.");
        return text.toString();
    }

    /** Mode {@code simplify_v2}: one sentence of 15 to 25 words, subject, verb, object. */
    public static String simplify(Scene scene) {
        StringBuilder text = new StringBuilder();
        text.append(Wording.capitalised(Wording.withArticle(Wording.phrase(scene.first()))))
                .append(' ')
                .append(Wording.action(scene));
        Subject second = scene.second();
        if (second != null) {
            text.append(' ')
                    .append(shortRelation(Objects.requireNonNull(scene.relation())))
                    .append(' ')
                    .append(Wording.withArticle(Wording.shortPhrase(second)));
        }
        text.append(" against ")
                .append(Wording.withArticle(scene.background().colour().word()))
                .append(" background");
        if (scene.camera() != Camera.STILL) {
            String side = scene.camera() == Camera.PAN_LEFT ? "left" : "right";
            text.append(" while the camera pans ").append(side);
        } else if (second == null) {
            text.append(" while the camera stays still");
        }
        return text.append('.').toString();
    }

    /** Two words each, so that every sentence keeps its count. */
    private static String shortRelation(Placement relation) {
        return switch (relation) {
            case LEFT_OF -> "left of";
            case RIGHT_OF -> "right of";
            case ON -> "resting on";
            case BEHIND -> "partly behind";
        };
    }
}
