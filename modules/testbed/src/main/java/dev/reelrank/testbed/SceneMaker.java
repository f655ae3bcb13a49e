package dev.reelrank.testbed;

import java.util.List;

/** Draws a scene of the world for a seed; equal seeds give equal scenes. */
public final class SceneMaker {
    /** The side of every drawn scene, pixels. */
    public static final int SIZE = 128;

    private static final int TRIES = 200;

    private SceneMaker() {}

    /** The scene of a seed: with one subject in seven of ten, with two in the others. */
    public static Scene scene(long seed) {
        Dice dice = new Dice(seed, 1);
        boolean two = dice.chance(.3);
        Action action = dice.pick(Action.values());
        Speed speed = dice.pick(Speed.values());
        boolean sideways = action == Action.LEFT || action == Action.RIGHT;
        Camera camera =
                sideways || dice.chance(.8)
                        ? Camera.STILL
                        : dice.pick(Camera.PAN_LEFT, Camera.PAN_RIGHT);
        boolean rolling = dice.chance(.1);
        Backdrop backdrop =
                new Backdrop(
                        dice.pick(BackdropColour.values()),
                        tint(dice, .04f),
                        dice.between(-.15f, .15f),
                        dice.between(-.15f, .15f));
        Subject first = subject(dice, action, two, backdrop.colour());
        Manner manner = rolling && rolls(first, action) ? Manner.ROLL : Manner.SLIDE;
        if (!two) {
            return placed(
                    dice,
                    new Scene(
                            seed,
                            SIZE,
                            List.of(first),
                            null,
                            backdrop,
                            action,
                            speed,
                            manner,
                            camera));
        }
        Subject second = other(dice, first, backdrop.colour());
        Placement relation = dice.pick(Placement.values());
        return placed(
                dice,
                new Scene(
                        seed,
                        SIZE,
                        List.of(first, second),
                        relation,
                        backdrop,
                        action,
                        speed,
                        manner,
                        camera));
    }

    private static Subject subject(
            Dice dice, Action action, boolean two, BackdropColour background) {
        Kind kind = dice.pick(Kind.values());
        Pattern pattern = dice.pick(Pattern.values());
        if (kind == Kind.CIRCLE && action.rotates() && pattern == Pattern.PLAIN) {
            pattern = Pattern.STRIPED; // a plain disc cannot be seen to turn
        }
        float radius =
                switch (action) {
                    case GROW -> dice.between(17, 20);
                    case SHRINK -> dice.between(26, 30);
                    default -> dice.between(20, 27);
                };
        Colour colour = dice.pick(Colour.values());
        while (background.hides(colour, pattern)) {
            colour = dice.pick(Colour.values());
        }
        return new Subject(
                kind,
                colour,
                pattern,
                tint(dice, .05f),
                0,
                0,
                two ? radius * .85f : radius,
                dice.between(-.3f, .3f));
    }

    /** What lives stays upright, and a plain disc cannot be seen to turn. */
    private static boolean rolls(Subject subject, Action action) {
        Group group = subject.kind().group();
        boolean alive = group == Group.ANIMAL || group == Group.PERSON;
        boolean even = subject.kind() == Kind.CIRCLE && subject.pattern() == Pattern.PLAIN;
        return action.straight() && !alive && !even;
    }

    /** A second subject that differs in kind and in colour. */
    private static Subject other(Dice dice, Subject first, BackdropColour background) {
        Kind kind = dice.pick(Kind.values());
        while (kind == first.kind()) {
            kind = dice.pick(Kind.values());
        }
        Pattern pattern = dice.pick(Pattern.values());
        Colour colour = dice.pick(Colour.values());
        while (colour == first.colour() || background.hides(colour, pattern)) {
            colour = dice.pick(Colour.values());
        }
        return new Subject(
                kind,
                colour,
                pattern,
                tint(dice, .05f),
                0,
                0,
                dice.between(18, 22),
                dice.between(-.2f, .2f));
    }

    /** Draws places until everything stays in the picture and the relation holds at the start. */
    private static Scene placed(Dice dice, Scene scene) {
        for (int i = 0; i < TRIES; i++) {
            Scene tried = tried(dice, scene);
            if (fits(tried)) {
                return tried;
            }
        }
        // Some pairs of action and relation leave no room: a small change of the action does.
        Action next = scene.action() == Action.BOUNCE ? Action.SHRINK : Action.BOUNCE;
        if (scene.action() == Action.SHRINK) {
            throw new IllegalStateException("no room in the scene of seed " + scene.seed());
        }
        return placed(dice, scene.withAction(next));
    }

    private static Scene tried(Dice dice, Scene scene) {
        float low = scene.first().radius();
        float high = scene.size() - low;
        if (scene.relation() == null) {
            return scene.withFirst(
                    scene.first().at(dice.between(low, high), dice.between(low, high)));
        }
        Subject b = scene.subjects().get(1);
        float bx = dice.between(b.radius(), scene.size() - b.radius());
        float by = dice.between(b.radius(), scene.size() - b.radius());
        float reach = scene.first().radius() + b.radius();
        float ax;
        float ay;
        switch (scene.relation()) {
            case LEFT_OF -> {
                ax = bx - reach * dice.between(1.1f, 1.5f);
                ay = by + dice.between(-14, 14);
            }
            case RIGHT_OF -> {
                ax = bx + reach * dice.between(1.1f, 1.5f);
                ay = by + dice.between(-14, 14);
            }
            case ON -> {
                ax = bx + dice.between(-3, 3);
                ay = by - reach * .84f;
            }
            case BEHIND -> {
                ax = bx + reach * .55f * (dice.chance(.5) ? 1 : -1);
                ay = by - reach * dice.between(.1f, .35f);
            }
            default -> throw new IllegalStateException("relation " + scene.relation());
        }
        return new Scene(
                scene.seed(),
                scene.size(),
                List.of(scene.first().at(ax, ay), b.at(bx, by)),
                scene.relation(),
                scene.background(),
                scene.action(),
                scene.speed(),
                scene.manner(),
                scene.camera());
    }

    private static boolean fits(Scene scene) {
        Motion motion = new Motion(scene);
        for (int i = 0; i < scene.subjects().size(); i++) {
            for (int step = 0; step <= 8; step++) {
                SubjectPose pose = motion.at(i, step / 8f);
                float edge = pose.radius() * 1.06f + 1;
                if (pose.x() < edge
                        || pose.y() < edge
                        || pose.x() > scene.size() - edge
                        || pose.y() > scene.size() - edge) {
                    return false;
                }
                if (i == 0 && !apart(scene, motion, step / 8f)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Side by side stays side by side: the acting subject never runs into the other. */
    private static boolean apart(Scene scene, Motion motion, float time) {
        Placement relation = scene.relation();
        if (relation != Placement.LEFT_OF && relation != Placement.RIGHT_OF) {
            return relation != Placement.ON || scene.action() != Action.DOWN;
        }
        SubjectPose a = motion.at(0, time);
        SubjectPose b = motion.at(1, time);
        float gap = relation == Placement.LEFT_OF ? b.x() - a.x() : a.x() - b.x();
        return gap > (a.radius() + b.radius()) * .95f;
    }

    private static Rgb tint(Dice dice, float reach) {
        return new Rgb(
                dice.between(-reach, reach),
                dice.between(-reach, reach),
                dice.between(-reach, reach));
    }
}
