package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A corrupted clip.
 *
 * @param corruption what was done
 * @param asked the scene of the prompt
 * @param shown the scene that is seen at the end
 * @param clip the frames, and the true masks of what they show
 */
public record Corrupted(Corruption corruption, Scene asked, Scene shown, Clip clip) {

    /**
     * Renders a scene and corrupts it.
     *
     * @param strength 0..1; how much of a second image, brightness change or colour change (a usual
     *     ghost is 0.3 to 0.6); the other corruptions know no half measures
     */
    @SuppressWarnings("EnumOrdinal") // The dice of recorded figures; the order must stay.
    public static Corrupted make(Scene scene, Corruption corruption, int frames, float strength) {
        if (!(strength > 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength must be in (0, 1], was " + strength);
        }
        Dice dice = new Dice(scene.seed(), 300 + corruption.ordinal());
        Clip clean = Renderer.render(scene, frames);
        return switch (corruption) {
            case GHOST -> {
                float side = dice.chance(.5) ? 1 : -1;
                float shift = side * scene.first().radius() * dice.between(.45f, .8f);
                Scene beside =
                        scene.withFirst(
                                scene.first()
                                        .at(
                                                scene.first().x() + shift,
                                                scene.first().y() + dice.between(-6, 6)));
                Clip other = Renderer.render(beside, frames);
                yield keep(corruption, scene, mixed(clean, other, strength));
            }
            case FLICKER -> keep(corruption, scene, flickering(clean, strength));
            case FREEZE -> keep(corruption, scene, frozen(clean));
            case COLOUR_DRIFT -> {
                Colour target = another(dice, scene);
                Scene turned = scene.withFirst(scene.first().as(scene.first().kind(), target));
                yield new Corrupted(
                        corruption,
                        scene,
                        turned,
                        drifting(clean, Renderer.render(turned, frames), strength));
            }
            case WRONG_DIRECTION -> {
                Scene shown = scene.withAction(scene.action().opposite());
                yield new Corrupted(corruption, scene, shown, Renderer.render(shown, frames));
            }
            case IDENTITY_SWAP, WRONG_SUBJECT -> {
                Scene shown = scene.withFirst(stranger(dice, scene));
                Clip other = Renderer.render(shown, frames);
                yield new Corrupted(
                        corruption,
                        scene,
                        shown,
                        corruption == Corruption.WRONG_SUBJECT ? other : joined(clean, other));
            }
            case WRONG_PLACE -> {
                Scene shown = misplaced(scene);
                yield new Corrupted(corruption, scene, shown, Renderer.render(shown, frames));
            }
        };
    }

    /**
     * A bad recording: the scene exposed twice, the second time half as strong and beside itself,
     * towards the middle of the picture. It follows from the scene alone.
     */
    static Corrupted exposedTwice(Scene scene, int frames) {
        Subject first = scene.first();
        float side = first.x() < scene.size() / 2f ? 1 : -1;
        Scene beside =
                scene.withFirst(first.at(first.x() + side * first.radius() * .8f, first.y() - 4));
        Clip clip = mixed(Renderer.render(scene, frames), Renderer.render(beside, frames), .5f);
        return keep(Corruption.GHOST, scene, clip);
    }

    private static Corrupted keep(Corruption corruption, Scene scene, Clip clip) {
        return new Corrupted(corruption, scene, scene, clip);
    }

    private static Clip mixed(Clip clean, Clip other, float share) {
        List<RgbImage> frames = new ArrayList<>();
        for (int i = 0; i < clean.frames().size(); i++) {
            RgbImage a = clean.frames().get(i);
            frames.add(i == 0 ? a : blend(a, other.frames().get(i), share));
        }
        return new Clip(frames, clean.masks());
    }

    private static Clip drifting(Clip clean, Clip other, float share) {
        List<RgbImage> frames = new ArrayList<>();
        int last = Math.max(1, clean.frames().size() - 1);
        for (int i = 0; i < clean.frames().size(); i++) {
            frames.add(blend(clean.frames().get(i), other.frames().get(i), share * i / last));
        }
        return new Clip(frames, clean.masks());
    }

    private static Clip flickering(Clip clean, float strength) {
        List<RgbImage> frames = new ArrayList<>();
        for (int i = 0; i < clean.frames().size(); i++) {
            RgbImage a = clean.frames().get(i);
            float gain = i % 2 == 0 ? 1 : 1 - strength * .5f;
            byte[] rgb = new byte[a.rgb().length];
            for (int p = 0; p < rgb.length; p++) {
                rgb[p] = (byte) (int) ((a.rgb()[p] & 0xff) * gain + .5f);
            }
            frames.add(new RgbImage(a.width(), a.height(), rgb));
        }
        return new Clip(frames, clean.masks());
    }

    private static Clip frozen(Clip clean) {
        List<RgbImage> frames = new ArrayList<>();
        List<byte[]> masks = new ArrayList<>();
        for (int i = 0; i < clean.frames().size(); i++) {
            frames.add(clean.frames().get(0));
            masks.add(clean.masks().get(0));
        }
        return new Clip(frames, masks);
    }

    private static Clip joined(Clip first, Clip then) {
        int middle = first.frames().size() / 2;
        List<RgbImage> frames = new ArrayList<>(first.frames().subList(0, middle));
        frames.addAll(then.frames().subList(middle, then.frames().size()));
        List<byte[]> masks = new ArrayList<>(first.masks().subList(0, middle));
        masks.addAll(then.masks().subList(middle, then.masks().size()));
        return new Clip(frames, masks);
    }

    private static RgbImage blend(RgbImage a, RgbImage b, float share) {
        byte[] rgb = new byte[a.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            float from = a.rgb()[i] & 0xff;
            rgb[i] = (byte) (int) (from + ((b.rgb()[i] & 0xff) - from) * share + .5f);
        }
        return new RgbImage(a.width(), a.height(), rgb);
    }

    private static Colour another(Dice dice, Scene scene) {
        Colour colour = dice.pick(Colour.values());
        while (colour == scene.first().colour()
                || (scene.second() != null && colour == scene.subjects().get(1).colour())) {
            colour = dice.pick(Colour.values());
        }
        return colour;
    }

    private static Subject stranger(Dice dice, Scene scene) {
        Kind kind = dice.pick(Kind.values());
        while (kind == scene.first().kind()
                || (scene.second() != null && kind == scene.subjects().get(1).kind())) {
            kind = dice.pick(Kind.values());
        }
        return scene.first().as(kind, another(dice, scene));
    }

    /** Mirrors the start: what was left is right, what was above or behind is below. */
    private static Scene misplaced(Scene scene) {
        Subject first = scene.first();
        Subject second = scene.second();
        if (second == null || scene.relation() == null) {
            // Only across the way of the action, so that the subject stays in the picture.
            boolean flat = scene.action() == Action.LEFT || scene.action() == Action.RIGHT;
            boolean steep =
                    scene.action() == Action.UP
                            || scene.action() == Action.DOWN
                            || scene.action() == Action.BOUNCE;
            return scene.withFirst(
                    first.at(
                            flat ? first.x() : scene.size() - first.x(),
                            steep ? first.y() : scene.size() - first.y()));
        }
        // The two change places, so that both stay in the picture.
        Placement swapped =
                switch (scene.relation()) {
                    case LEFT_OF -> Placement.RIGHT_OF;
                    case RIGHT_OF -> Placement.LEFT_OF;
                    case ON -> Placement.LEFT_OF;
                    case BEHIND -> Placement.RIGHT_OF;
                };
        float reach = first.radius() + second.radius();
        float y = scene.size() * .55f;
        boolean sideBySide =
                scene.relation() == Placement.LEFT_OF || scene.relation() == Placement.RIGHT_OF;
        Subject a;
        Subject b;
        if (sideBySide) {
            a = first.at(second.x(), first.y());
            b = second.at(first.x(), second.y());
        } else {
            float sign = swapped == Placement.LEFT_OF ? -1 : 1;
            a = first.at(scene.size() / 2f + sign * reach * .55f, y);
            b = second.at(scene.size() / 2f - sign * reach * .55f, y);
        }
        return new Scene(
                scene.seed(),
                scene.size(),
                List.of(a, b),
                swapped,
                scene.background(),
                scene.action(),
                scene.speed(),
                scene.manner(),
                scene.camera());
    }
}
