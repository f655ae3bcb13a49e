package dev.reelrank.testbed;

/**
 * The outline and the painted parts of a kind, in its own coordinates: the centre is (0, 0), u
 * points right, v down, and the figure lies about within the unit circle. Distances are signed,
 * below 0 inside (exact where the shape allows, else a lower bound that is good near the edge).
 */
interface Figure {
    /** Distance to the outline. */
    float body(float u, float v);

    /** How many parts are painted over the body, later ones over earlier ones. */
    default int parts() {
        return 0;
    }

    /** Distance to the outline of a painted part. */
    default float part(int index, float u, float v) {
        throw new IllegalArgumentException("this figure has no part " + index);
    }

    /** The colour of a painted part. */
    default Rgb paint(int index) {
        throw new IllegalArgumentException("this figure has no part " + index);
    }

    static Figure of(Kind kind) {
        return switch (kind) {
            case RING -> new Figures.Ring();
            case WATCH -> new Figures.Watch();
            case CAT -> new Figures.Cat();
            case FISH -> new Figures.Fish();
            case APPLE -> new Figures.Apple();
            case MUSHROOM -> new Figures.Mushroom();
            case PERSON -> new Figures.Person();
            case STAR -> new Figures.Star();
            case HEART -> new Figures.Heart();
            case CIRCLE -> (u, v) -> Distances.circle(u, v, .92f);
            case SQUARE -> (u, v) -> Distances.box(u, v, .78f, .78f) - .02f;
            case TRIANGLE -> new Figures.Triangle();
        };
    }
}
