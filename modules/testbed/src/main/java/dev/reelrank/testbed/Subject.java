package dev.reelrank.testbed;

import java.util.Objects;

/**
 * One subject at the start of a clip.
 *
 * @param kind what it is
 * @param colour its named colour
 * @param pattern what is painted on it
 * @param tint a small offset of the named colour, about ±0.05 per channel
 * @param x centre, pixels from the left
 * @param y centre, pixels from the top
 * @param radius about half its extent, pixels, above 0
 * @param angle radians, clockwise on the screen
 */
public record Subject(
        Kind kind,
        Colour colour,
        Pattern pattern,
        Rgb tint,
        float x,
        float y,
        float radius,
        float angle) {
    public Subject {
        Objects.requireNonNull(kind, "kind is null");
        Objects.requireNonNull(colour, "colour is null");
        Objects.requireNonNull(pattern, "pattern is null");
        Objects.requireNonNull(tint, "tint is null");
        if (!(radius > 0)) {
            throw new IllegalArgumentException("a subject's radius must be above 0, was " + radius);
        }
    }

    /** The same subject as another kind in another colour. */
    public Subject as(Kind otherKind, Colour otherColour) {
        return new Subject(otherKind, otherColour, pattern, tint, x, y, radius, angle);
    }

    /** The same subject somewhere else. */
    public Subject at(float otherX, float otherY) {
        return new Subject(kind, colour, pattern, tint, otherX, otherY, radius, angle);
    }
}
